/** Turns single cells of a CSV row into values: numbers, sizes, booleans, images, file names. */
import { parseBoundedJson } from '../../bounded-json.ts';
import { normaliseText } from '../../domain/text/normalise-text.ts';

/**
 * Undefined when the text is not a whole number. Full-width digits count as digits, because a
 * Japanese keyboard types them easily. `2.0` is 2, because pandas writes a column of numbers with
 * an empty cell in it so. `1.000` is not read, because it means 1 or 1000.
 */
export function readWholeNumber(text: string): number | undefined {
  const digits = normaliseText(text, 'NFKC').trim();
  const [, whole] = /^(-?\d{1,15})(?:[.,](?!0{3}$)0{1,15})?$/.exec(digits) ?? [];
  return whole === undefined ? undefined : Number(whole);
}

/**
 * Reads a size as a spreadsheet or a person spells it: `1024×1024`, `1024 x 1024`, full-width
 * digits. Any other text stays as it is, and the schema or the rules of the model judge it.
 */
export function readSize(text: string): string {
  const plain = normaliseText(text, 'NFKC')
    .replaceAll(/[\s\p{Cf}]/gu, '')
    .toLowerCase();
  const [, width, height] = /^(\d{1,5})[x×✕✖⨯х*](\d{1,5})$/u.exec(plain) ?? [];
  if (width !== undefined && height !== undefined) return `${width}x${height}`;
  return plain === 'auto' ? plain : text;
}

/** Undefined when the text is neither `true` nor `false`. A spreadsheet writes them in capitals. */
export function readBoolean(text: string): boolean | undefined {
  const word = normaliseText(text, 'NFKC').trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Undefined when the text is not JSON, not an object, or exceeds the limits of JSON. */
export function readJsonObject(text: string): object | undefined {
  const parsed = parseBoundedJson(text);
  if (parsed.status !== 'parsed') return undefined; // the caller reports the cell
  const { value } = parsed;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/**
 * Splits a cell that names several images at `|`, which no file name on Windows may contain and
 * which is not one of our delimiters.
 */
export function readImages(text: string): string[] {
  return text
    .split('|')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Whether a name is safe in an archive: it must not lead to another folder when unpacked. */
export function isFilename(text: string): boolean {
  return !/[/\\\p{Cc}]/u.test(text) && text !== '.' && text !== '..' && text.isWellFormed();
}

export function isBlank(text: string): boolean {
  return text === '' || text.trim() === '';
}
