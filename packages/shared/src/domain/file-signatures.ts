/**
 * How the formats that Kiln meets begin: the one list of their signatures ("magic numbers"). It
 * names a format by the first bytes only; whether the rest is a valid file of it is not checked.
 */

export type FileKind =
  | 'png'
  | 'jpeg'
  | 'webp'
  | 'gif'
  | 'pdf'
  | 'zip'
  | 'gzip'
  | 'compressed'
  | 'database'
  | '7z'
  | 'rar'
  | 'tiff'
  | 'bmp'
  | 'heic'
  | 'avif'
  | 'video'
  | 'jxl'
  | 'program'
  | 'script'
  | 'office';

/** Every signature ends within this many bytes. */
const longestSignature = 12;

/* eslint-disable no-control-regex -- signatures are bytes */
/** One Latin-1 character stands for each byte. More specific formats stand before general ones. */
const signatures: readonly [FileKind, RegExp][] = [
  ['png', /^\x89PNG\r\n\x1a\n/],
  ['jpeg', /^\xff\xd8\xff/],
  // The size of the file stands between the two names.
  ['webp', /^RIFF[^]{4}WEBP/],
  ['gif', /^GIF8[79]a/],
  ['pdf', /^%PDF-/],
  // The three signatures of a zip: a file entry, an empty archive, a part of a split archive.
  ['zip', /^PK(?:\x03\x04|\x05\x06|\x07\x08)/],
  ['gzip', /^\x1f\x8b/],
  // bzip2, xz and zstd.
  ['compressed', /^(?:BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd)/],
  // Parquet, Arrow and SQLite.
  ['database', /^(?:PAR1|ARROW1|SQLite forma)/],
  ['7z', /^7z\xbc\xaf\x27\x1c/],
  ['rar', /^Rar!\x1a\x07/],
  ['tiff', /^(?:II\*\0|MM\0\*)/],
  ['bmp', /^BM/],
  ['heic', /^[^]{4}ftyp(?:heic|heix|heim|hevc|mif1)/],
  ['avif', /^[^]{4}ftyp(?:avif|avis)/],
  // Any other ISO base media file (ISO/IEC 14496-12).
  ['video', /^[^]{4}ftyp/],
  ['jxl', /^(?:\xff\x0a|\0\0\0\x0cJXL )/],
  ['program', /^(?:\x7fELF|MZ)/],
  ['script', /^(?:#!|<\?php)/],
  // A compound file: a workbook or document of Office before 2007.
  ['office', /^\xd0\xcf\x11\xe0/],
];

/** The format that the bytes begin as; null for text and for everything unknown. */
export function fileKindOf(bytes: Uint8Array): FileKind | null {
  const start = String.fromCharCode(...bytes.subarray(0, longestSignature));
  return signatures.find(([, signature]) => signature.test(start))?.[0] ?? null;
}
