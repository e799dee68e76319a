/**
 * Reads the directory of a zip of pictures, and refuses an archive before anything is unpacked: one
 * with too many entries, with names that are no relative paths, that is encrypted, that unpacks to
 * far more than its own size, or whose entries share their bytes, so that a small archive would
 * unpack the same bytes a thousand times. `unzip-pictures.ts` unpacks what this file returns.
 */
import yauzl from 'yauzl';
import { uploadLimits } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import { cutText } from '../../../schemas/text.ts';
import { maxPictures } from './uploaded-pictures.ts';
import { readNames } from './zip-names.ts';

/** An archive may hold folders, and files that file managers add, besides the pictures. */
const maxEntries = maxPictures * 3;
/** Names, comments and extra fields of all entries; names of pictures have at most 255 bytes. */
const maxDirectoryBytes = maxEntries * 1_024;
/** Pictures are compressed already. Deflate reaches 1,032. */
const maxRatio = 100;
const headerBytes = 30;

export interface ZippedPicture {
  /** The path in the archive. */
  name: string;
  /** Other readings of the path, where its encoding is unclear. */
  otherNames: readonly string[];
  entry: yauzl.Entry;
  /** Where the next entry of the archive begins. */
  endsBefore: number;
}

/**
 * Throws `invalid_request` and `file_too_large`, the errors of yauzl, and what `goOn` throws.
 * @param goOn is called for each entry
 */
export async function readDirectory(
  zip: yauzl.ZipFile,
  archiveBytes: number,
  goOn: () => void,
): Promise<ZippedPicture[]> {
  if (zip.entryCount > maxEntries)
    throw refuse(
      `has ${count(zip.entryCount)} entries; a zip may have at most ${count(maxEntries)}`,
    );
  const raw: yauzl.Entry[] = [];
  let directoryBytes = 0;
  for await (const entry of zip.eachEntry()) {
    goOn();
    directoryBytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (directoryBytes > maxDirectoryBytes)
      throw refuse(
        `has names and comments of more than ${count(maxDirectoryBytes)} bytes; make it without ` +
          'comments and with shorter names',
      );
    raw.push(entry);
  }
  const names = await readNames(raw);
  const entries = raw.map((entry, index) => {
    const { name = '', others = [] } = names[index] ?? {};
    if (!isPath(name))
      throw refuse(`holds "${cutText(name, 100)}"; names must be relative paths without ".."`);
    if (!isIgnored(name)) checkPicture(name, entry);
    return { name, otherNames: others.filter(isPath), entry };
  });
  const pictures = findEnds(entries).filter(({ name }) => !isIgnored(name));
  const unpackedBytes = sizeOf(pictures);
  if (unpackedBytes > archiveBytes * maxRatio)
    throw refuse(
      `has ${count(archiveBytes)} bytes and unpacks to ${count(unpackedBytes)}; a zip may unpack ` +
        `to at most ${maxRatio} times its size. Send the pictures as single files, or compress ` +
        'the pictures themselves',
    );
  return pictures;
}

/** The bytes that the pictures unpack to; an entry that unpacks to more is an error. */
export function sizeOf(pictures: readonly Pick<ZippedPicture, 'entry'>[]): number {
  return pictures.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0);
}

/**
 * Throws if the bytes of the entry reach into those of the next one. The header before the bytes
 * decides where they begin, so the directory alone does not tell.
 */
export function checkEnd({ name, entry, endsBefore }: ZippedPicture, begin: number): void {
  if (begin + entry.compressedSize > endsBefore) throw overlap(name);
}

function findEnds(entries: readonly Omit<ZippedPicture, 'endsBefore'>[]): ZippedPicture[] {
  const inOrder = entries.toSorted((one, other) => beginOf(one) - beginOf(other));
  return inOrder.map(({ name, otherNames, entry }, index) => {
    const next = inOrder[index + 1];
    // yauzl refuses a last entry that reaches beyond the end of the archive.
    const endsBefore = next === undefined ? Number.POSITIVE_INFINITY : beginOf(next);
    checkEnd({ name, otherNames, entry, endsBefore }, beginOf({ entry }) + headerBytes);
    return { name, otherNames, entry, endsBefore };
  });
}

function beginOf({ entry }: Pick<ZippedPicture, 'entry'>): number {
  return entry.relativeOffsetOfLocalHeader;
}

function checkPicture(name: string, entry: yauzl.Entry): void {
  if (entry.isEncrypted())
    throw refuse(`holds "${name}", which is encrypted; make the zip without a password`);
  if (entry.uncompressedSize <= uploadLimits.vision) return;
  throw new KilnError(
    'file_too_large',
    `files: "${name}" in the zip is too large; a picture has at most ` +
      `${count(uploadLimits.vision)} bytes`,
    { param: 'files' },
  );
}

function isPath(name: string): boolean {
  return yauzl.validateFileName(name) === null;
}

/**
 * True for folders, and for files that macOS and Windows add by themselves. `./a.png` is no hidden
 * file: bsdtar writes the names so.
 */
function isIgnored(name: string): boolean {
  const path = name.replaceAll(/(?<=^|\/)(\.\/)+/g, '');
  return name.endsWith('/') || /(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i.test(path);
}

function overlap(name: string): KilnError {
  return refuse(
    `holds "${name}", whose bytes are those of another entry, too; pack each picture by itself`,
  );
}

function refuse(reason: string): KilnError {
  return new KilnError('invalid_request', `files: the zip ${reason}`, { param: 'files' });
}

function count(value: number): string {
  return value.toLocaleString('en');
}
