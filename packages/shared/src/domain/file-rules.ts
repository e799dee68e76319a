/** What files are for, how large they may be, and what their bytes and names must be like. */

/** `batch_output` is written by Kiln. */
export const filePurposes = ['batch', 'vision', 'batch_output'] as const;
export const uploadPurposes = ['batch', 'vision'] as const;

export type FilePurpose = (typeof filePurposes)[number];
export type UploadPurpose = (typeof uploadPurposes)[number];

/** In bytes. Batch: OpenAI's figure. Vision: what the providers take as a source of an edit. */
export const uploadLimits: Readonly<Record<UploadPurpose, number>> = {
  batch: 200_000_000,
  vision: 50_000_000,
};
export const largestUpload = Math.max(...Object.values(uploadLimits));

/** How long a file may be asked to live, in seconds: OpenAI's limits. */
export const expirySeconds = { min: 3_600, max: 2_592_000 } as const;

/** So many first bytes tell a picture's format, and of other things what they are. */
export const signatureBytes = 1_024;

/** What a format begins with; null is any byte. */
const signatures: readonly { contentType: string; start: readonly (number | null)[] }[] = [
  { contentType: 'image/png', start: [0x89, ...codesOf('PNG'), 0x0d, 0x0a, 0x1a, 0x0a] },
  { contentType: 'image/jpeg', start: [0xff, 0xd8, 0xff] },
  // The size of the file is between the two.
  {
    contentType: 'image/webp',
    start: [...codesOf('RIFF'), null, null, null, null, ...codesOf('WEBP')],
  },
];

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** The media type of a picture that providers take, by its first bytes; null for anything else. */
export function pictureTypeOf(bytes: Uint8Array): string | null {
  const found = signatures.find(({ start }) =>
    start.every((byte, index) => index < bytes.length && (byte === null || byte === bytes[index])),
  );
  return found?.contentType ?? null;
}

const typesByExtension: Readonly<Record<string, string>> = {
  jsonl: 'application/jsonl',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
};

/** Never what the uploader says it is: the bytes decide, then the name. */
export function fileTypeOf(start: Uint8Array, filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  return pictureTypeOf(start) ?? typesByExtension[extension] ?? 'application/octet-stream';
}

const longestNameBytes = 255;
const longestExtension = /\.[^.]{1,20}$/u;
const encoder = new TextEncoder();

/**
 * A name that is harmless in a header, a log, an archive and a folder: no path, nothing invisible,
 * at most 255 bytes of UTF-8.
 */
export function cleanFilename(given: string): string {
  const name = given
    .toWellFormed()
    // Control characters, and those that turn the direction of what follows: `gpj.exe` must not
    // look like `exe.jpg`.
    .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/^.*[/\\]/s, '')
    .trim()
    .normalize('NFC');
  if (/^\.*$/.test(name)) return 'file';
  const extension = longestExtension.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  return (cutToBytes(stem, longestNameBytes - encoder.encode(extension).length) + extension).trim();
}

function cutToBytes(text: string, limit: number): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(limit));
  return text.slice(0, read);
}
