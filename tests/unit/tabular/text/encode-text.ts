/**
 * Encodes text in every encoding that `TextDecoder` has. Node.js has no encoder for them, so the
 * tables are made by decoding each byte and each pair of bytes.
 */
import type { TextEncoding } from '@kiln/shared/domain/text/text-encodings';

const tables = new Map<string, Map<string, number[]>>();

/** Throws when the encoding lacks one of the characters. */
export function encodeText(text: string, label: TextEncoding): Buffer {
  if (label === 'utf-8') return Buffer.from(text);
  if (label === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (label === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  if (label === 'iso-2022-jp') return encodeIso2022(text);
  const table = tableOf(label);
  return Buffer.from(
    Array.from(text).flatMap((character) => {
      const bytes = character < '\u0080' ? [character.charCodeAt(0)] : table.get(character);
      if (bytes === undefined) throw new Error(`${label} has no ${character}`);
      return bytes;
    }),
  );
}

export function canEncode(text: string, label: TextEncoding): boolean {
  try {
    encodeText(text, label);
    return true;
  } catch {
    return false;
  }
}

/** ISO-2022-JP has the characters of EUC-JP in seven bits, between two escape sequences. */
function encodeIso2022(text: string): Buffer {
  let isWide = false;
  const bytes: number[] = [];
  const shift = (toWide: boolean): void => {
    if (toWide !== isWide) bytes.push(0x1b, toWide ? 0x24 : 0x28, 0x42);
    isWide = toWide;
  };
  for (const character of text) {
    const encoded = encodeText(character, 'euc-jp');
    shift(encoded.length > 1);
    for (const byte of encoded) bytes.push(byte & 0x7f);
  }
  shift(false);
  return Buffer.from(bytes);
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
