/**
 * Bytes that are something else, or something besides a picture. A file that is a picture to one
 * reader and an archive, a document or a script to another is refused: nobody makes one by
 * accident.
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

/** Of text: `behindProlog` is what follows its declaration and comments. */
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
 * Part by part: a pattern that repeats comments tries every way to divide them, and a stranger
 * chooses how many there are.
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

/** What bytes are by how they begin, for a message: `a pdf`. */
export function describeKind(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 1_024);
  const behindProlog = readBehindProlog(start);
  const kind = fileKindOf(bytes);
  if (kind !== null) return kindNames[kind];
  const text = texts.find(({ isIt }) => isIt(start, behindProlog));
  return text?.kind ?? 'of no known format';
}

/** Readers of pdf look for its first line this far in. */
const pdfStartBytes = 1_024;
/** The last record of a zip archive, and the longest comment behind it. */
const zipEndBytes = 22;
const zipCommentBytes = 65_535;

/** An archive or a document that readers of its kind would find in the whole file; null: none. */
export function findDocument(bytes: Buffer): string | null {
  if (bytes.toString('latin1', 0, pdfStartBytes).includes('%PDF-')) return 'a pdf';
  return endsAsZip(bytes) ? 'a zip archive' : null;
}

/**
 * Readers of zip go by its end, wherever it begins. What is there by chance has no comment that
 * ends with the file.
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

/** Markup that a browser would run, in a part of a picture that is not its pixels; null: none. */
export function findMarkup(metadata: Buffer): string | null {
  return (
    /<script[\s>]|<html[\s>]|<!doctype html|<\?php/i
      .exec(metadata.toString('latin1'))?.[0]
      .trim() ?? null
  );
}

/** Padding: nobody's data. */
export function isPadding(bytes: Buffer): boolean {
  for (const byte of bytes)
    if (byte !== 0 && byte !== 0x0a && byte !== 0x0d && byte !== 0x20) return false;
  return true;
}
