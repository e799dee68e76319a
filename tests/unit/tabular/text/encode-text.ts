/**
 * Encodes text for `TextDecoder` by decoding every pair of bytes and inverting the result: Node.js
 * has no encoder for these encodings.
 */

type Label = 'utf-8' | 'utf-16le' | 'utf-16be' | 'shift_jis' | 'euc-jp';
const tables = new Map<string, Map<string, number[]>>();

export function encodeText(text: string, label: Label): Buffer {
  if (label === 'utf-8') return Buffer.from(text);
  if (label === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (label === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const table = tableOf(label);
  return Buffer.from(
    Array.from(text).flatMap((character) => {
      const bytes = character < '\u0080' ? [character.charCodeAt(0)] : table.get(character);
      if (bytes === undefined) throw new Error(`${label} has no ${character}`);
      return bytes;
    }),
  );
}

function tableOf(label: string): Map<string, number[]> {
  const known = tables.get(label);
  if (known) return known;
  const table = new Map<string, number[]>();
  const decoder = new TextDecoder(label);
  const learn = (...bytes: number[]): void => {
    const text = decoder.decode(Uint8Array.from(bytes));
    if (Array.from(text).length === 1 && text !== '\ufffd' && !table.has(text))
      table.set(text, bytes);
  };
  for (let lead = 0x80; lead < 0x100; lead += 1) {
    learn(lead);
    for (let trail = 0x40; trail < 0x100; trail += 1) learn(lead, trail);
  }
  tables.set(label, table);
  return table;
}
