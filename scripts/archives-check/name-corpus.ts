/**
 * Names that callers give to pictures and that programs or file systems treat in a special way. The
 * unit test of the names and `npm run archives:check` use them.
 */

export const nameCorpus: readonly string[] = [
  // Scripts
  '小さな船',
  '朝霧の港、左向き（夜）',
  '작은 배',
  '红色的船',
  'Ein Mädchen am See',
  'Лодка у причала',
  'ερωτικό τοπίο',
  'เรือลำเล็ก',
  'नाव',
  // Composed and decomposed forms of one name: macOS takes them for the same
  '\u304c',
  '\u304b\u3099',
  'caf\u00e9',
  'cafe\u0301',
  '\u212b', // the sign for the unit, which is another code point than the letter
  '\u00c5',
  // Emoji of one and of several code points
  '🚤',
  '👨‍👩‍👧‍👦 am Meer',
  '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  '❤',
  '❤️',
  // Right to left, and marks that change the direction
  'قارب صغير',
  'סירה קטנה 12',
  'photo\u202egpj.exe',
  '\u200fboat',
  'boat',
  // Case
  'BOAT',
  'Boat',
  'straße',
  'STRASSE',
  // Devices of Windows
  'CON',
  'con.png',
  'nul.tar',
  'AUX ',
  'prn .txt',
  'com1',
  'COM¹',
  'LPT9.jpg',
  'CONIN$',
  'clock$',
  // Characters that Windows forbids, and ends that it drops
  'a:b*c?"<>|d',
  'dots...',
  'spaces   ',
  ' . . ',
  'trailing.png.',
  // Paths
  '../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/absolute/boat',
  'C:\\boat',
  'folder/boat',
  '.',
  '..',
  '.hidden',
  '-rf',
  '~',
  '%00%2e%2e',
  '$(reboot) `id`',
  // Control characters and half a surrogate
  'line\nbreak',
  'tab\tnul\u0000esc\u001b[31m',
  'half\ud83d',
  // Names that are too long: 255 bytes of one, three, four and many bytes a character
  'a'.repeat(255),
  `${'a'.repeat(251)}.png`,
  '名'.repeat(85),
  `${'名'.repeat(84)}二`,
  '🚤'.repeat(63),
  '👨‍👩‍👧‍👦'.repeat(10),
  'e\u0301'.repeat(85),
  `Z${'\u0301'.repeat(126)}`,
  // Names that our own numbers and files use
  'manifest.csv',
  'manifest',
  'boat (2)',
  'row-3',
];
