/** Single cells of a CSV row as values: whole numbers, lists of images, names of files. */

/**
 * Full-width digits are digits: a Japanese keyboard types them easily. Undefined where the text is
 * no whole number.
 */
export function readWholeNumber(text: string): number | undefined {
  const digits = text.normalize('NFKC').trim();
  return /^-?\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

/**
 * Several images in one cell stand apart by `|`, which no file name on Windows and no delimiter of
 * ours can be.
 */
export function readImages(text: string): string[] {
  return text
    .split('|')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** A name in an archive must not lead out of the folder it is unpacked in, nor into another one. */
export function isFilename(text: string): boolean {
  return !/[/\\\p{Cc}]/u.test(text) && text !== '.' && text !== '..' && text.isWellFormed();
}

export function isBlank(text: string): boolean {
  return text === '' || text.trim() === '';
}
