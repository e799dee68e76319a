/**
 * Finds data other than a picture. A file that is a picture to one program and an archive, a
 * document or a script to another is refused: such files are not made by accident. Used by the
 * walkers of each format and by `structure.ts`.
 */
import { fileKindOf, type FileKind } from '../domain/file-signatures.ts';

const kindNames: Readonly<Record<FileKind, string>> = {
  png: 'a png',
  jpeg: 'a jpeg',
  webp: 'a webp',
  gif: 'a gif',
  pdf: 'a pdf',
  zip: 'a zip archive',
  gzip: 'a gzip archive',
  compressed: 'a compressed file',
  database: 'a database',
  '7z': 'a 7z archive',
  rar: 'a rar archive',
  tiff: 'a tiff',
  bmp: 'a bmp',
  heic: 'a heic',
  avif: 'an avif',
  video: 'a video',
  jxl: 'a jpeg xl',
  program: 'a program',
  script: 'a script',
  office: 'an old Office document',
};

/** Text formats; `behindProlog` is the text after its declaration and comments. */
const texts: readonly { kind: string; isIt(text: string, behindProlog: string): boolean }[] = [
  { kind: 'an svg', isIt: (_, behindProlog) => /^<svg[\s>]/i.test(behindProlog) },
  {
    kind: 'html',
    isIt: (_, behindProlog) => /^<(!doctype html|html|head|body|script)\b/i.test(behindProlog),
  },
  { kind: 'xml', isIt: (text) => /^\s*<\?xml/.test(text) },
  { kind: 'text', isIt: (text) => /^[\s\x20-\x7e]+$/.test(text) },
];

const prologParts: readonly { opening: RegExp; end: string }[] = [
  { opening: /^<\?xml/i, end: '>' },
  { opening: /^<!--/, end: '-->' },
  { opening: /^<!doctype svg/i, end: '>' },
];

/**
 * Skips the parts of a prolog one by one. A regular expression that repeats comments would
 * backtrack over every way to divide them, and an attacker chooses how many there are.
 */
function readBehindProlog(text: string): string {
  let rest = text.trimStart();
  for (;;) {
    const part = prologParts.find(({ opening }) => opening.test(rest));
    const end = part === undefined ? -1 : rest.indexOf(part.end, '<!--'.length);
    if (part === undefined || end === -1) return rest;
    rest = rest.slice(end + part.end.length).trimStart();
  }
}

/** Describes bytes by how they begin, for a message: `a pdf`. */
export function describeKind(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 1_024);
  const behindProlog = readBehindProlog(start);
  const kind = fileKindOf(bytes);
  if (kind !== null) return kindNames[kind];
  const text = texts.find(({ isIt }) => isIt(start, behindProlog));
  return text?.kind ?? 'of no known format';
}

/** PDF readers search this many bytes for the first line. */
const pdfStartBytes = 1_024;
/** Size of the last record of a zip archive, and of the longest comment after it. */
const zipEndBytes = 22;
const zipCommentBytes = 65_535;

/** Finds an archive or document that its readers would find anywhere in the file; null: none. */
export function findDocument(bytes: Buffer): string | null {
  if (bytes.toString('latin1', 0, pdfStartBytes).includes('%PDF-')) return 'a pdf';
  return endsAsZip(bytes) ? 'a zip archive' : null;
}

/**
 * Zip readers look for the last record at the end of the file. A random match has no comment that
 * ends where the file does.
 */
function endsAsZip(bytes: Buffer): boolean {
  const earliest = Math.max(0, bytes.length - zipEndBytes - zipCommentBytes);
  for (
    let at = bytes.length;
    (at = bytes.lastIndexOf('PK\x05\x06', at - 1, 'latin1')) >= earliest;
  ) {
    if (
      at + zipEndBytes <= bytes.length &&
      at + zipEndBytes + bytes.readUInt16LE(at + 20) <= bytes.length
    )
      return true;
    if (at === 0) break;
  }
  return false;
}

/**
 * Finds markup that a browser would run in a part of a picture other than its pixels; null: none.
 */
export function findMarkup(metadata: Buffer): string | null {
  return (
    /<script[\s>]|<html[\s>]|<!doctype html|<\?php/i
      .exec(metadata.toString('latin1'))?.[0]
      .trim() ?? null
  );
}

/** Whether the bytes are only padding. */
export function isPadding(bytes: Buffer): boolean {
  for (const byte of bytes)
    if (byte !== 0 && byte !== 0x0a && byte !== 0x0d && byte !== 0x20) return false;
  return true;
}
