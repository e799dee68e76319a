/** Turns single cells of a CSV row into values: numbers, booleans, lists of images, file names. */

/**
 * Undefined when the text is not a whole number. Full-width digits count as digits, because a
 * Japanese keyboard types them easily.
 */
export function readWholeNumber(text: string): number | undefined {
  const digits = text.normalize('NFKC').trim();
  return /^-?\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

/** Undefined when the text is neither `true` nor `false`. A spreadsheet writes them in capitals. */
export function readBoolean(text: string): boolean | undefined {
  const word = text.normalize('NFKC').trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Undefined when the text is not JSON, or not an object. */
export function readJsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // the caller reports the cell
  }
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
