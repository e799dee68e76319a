/** The purposes of files, their size limits, and the rules for their bytes and names. */
import { fileKindOf } from './file-signatures.ts';
import { normaliseText } from './text/normalise-text.ts';
import { pictureFormats, type PictureFormat } from './picture-formats.ts';

/** Kiln itself writes `batch_output`. */
export const filePurposes = ['batch', 'vision', 'batch_output'] as const;
export const uploadPurposes = ['batch', 'vision'] as const;

export type FilePurpose = (typeof filePurposes)[number];
export type UploadPurpose = (typeof uploadPurposes)[number];

/**
 * Limits in bytes. Batch: OpenAI's figure. Vision: what the providers accept as a source of an
 * edit.
 */
export const uploadLimits: Readonly<Record<UploadPurpose, number>> = {
  batch: 200_000_000,
  vision: 50_000_000,
};
export const largestUpload = Math.max(...Object.values(uploadLimits));

/** The limits of `expires_after`, in seconds, as OpenAI has them. */
export const expirySeconds = { min: 3_600, max: 2_592_000 } as const;

/** The number of first bytes that are enough to recognise a file's type. */
export const signatureBytes = 1_024;

const pictureTypes: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

/** The format of a picture that providers accept, by its first bytes; null for anything else. */
export function pictureFormatOf(bytes: Uint8Array): PictureFormat | null {
  const kind = fileKindOf(bytes);
  return pictureFormats.find((format) => format === kind) ?? null;
}

/** The media type of such a picture; null for anything else. */
export function pictureTypeOf(bytes: Uint8Array): string | null {
  const format = pictureFormatOf(bytes);
  return format && pictureTypes[format];
}

/** A map, because an object also has `constructor`, which may be an extension. */
const typesByExtension: ReadonlyMap<string, string> = new Map([
  ['jsonl', 'application/jsonl'],
  ['csv', 'text/csv'],
  ['tsv', 'text/tab-separated-values'],
]);

/** The media type by the bytes, then by the name. What the uploader claims is ignored. */
export function fileTypeOf(start: Uint8Array, filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  return pictureTypeOf(start) ?? typesByExtension.get(extension) ?? 'application/octet-stream';
}

const longestNameBytes = 255;
const longestExtension = /\.[^.]{1,20}$/u;
const encoder = new TextEncoder();

/**
 * Returns a name that is harmless in a header, a log, an archive and a folder: without path or
 * invisible characters, and at most 255 bytes of UTF-8.
 */
export function cleanFilename(given: string): string {
  const name = normaliseText(
    given
      .toWellFormed()
      // Remove control characters, and those that reverse the text after them: `gpj.exe` must not
      // look like `exe.jpg`.
      .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')
      .replace(/^.*[/\\]/s, '')
      .trim(),
    'NFC',
  );
  if (/^\.*$/.test(name)) return 'file';
  const extension = longestExtension.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  return (cutToBytes(stem, longestNameBytes - encoder.encode(extension).length) + extension).trim();
}

function cutToBytes(text: string, limit: number): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(limit));
  return text.slice(0, read);
}
