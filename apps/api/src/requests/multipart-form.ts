/**
 * Reads `multipart/form-data` bodies part by part as they arrive (RFC 7578). Only the current chunk
 * is in memory. Throws `KilnError` for bodies that are not complete forms. What the fields mean is
 * checked by the services (`receive-edit-form.ts`, `receive-form.ts`, `upload-file.ts`).
 */
import type { MultipartFile } from '@fastify/multipart';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { createPartCharsets } from './part-charsets.ts';
import { validatorCompiler } from '../plugins/validation.ts';
import type { UploadClock, Uploads } from './uploads.ts';
import type { FormPart } from '@kiln/shared/services/files/form-part';
import { cutText } from '@kiln/shared/schemas/text';

/** Limits of a form. */
export interface FormLimits {
  files: number;
  fields: number;
  /** Bytes of the largest file. */
  fileBytes: number;
  /** Bytes of the longest field. */
  fieldBytes: number;
}

export function formLimits(
  limits: Pick<FormLimits, 'fileBytes'> & Partial<FormLimits>,
): FormLimits {
  return { files: 1, fields: 20, fieldBytes: 4_096, ...limits };
}

/**
 * Options of the parser. One byte more than allowed is read of a file, and one part more, which
 * shows that there are too many.
 */
export function parserOptions({ files, fields, fileBytes }: FormLimits) {
  return {
    limits: {
      files: files + fields + 1,
      parts: files + fields + 1,
      headerPairs: 20,
      headerSize: 8_192,
      fileSize: fileBytes + 1,
    },
  };
}

const longestName = 100;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Throws `unsupported_media_type`, `request_timeout`, and `invalid_request` for a form that is
 * incomplete or not UTF-8.
 */
export async function* readForm(
  request: FastifyRequest,
  uploads: Uploads,
  limits: FormLimits,
): AsyncGenerator<FormPart> {
  if (!request.isMultipart()) {
    throw new KilnError(
      'unsupported_media_type',
      `content-type: received "${cutText(request.headers['content-type'] ?? 'none', 100)}"; ` +
        'this route accepts multipart/form-data',
      { param: 'content-type' },
    );
  }
  const clock = uploads.begin(request);
  const charsets = createPartCharsets();
  const parts = request.parts(charsets.options);
  const seen = { file: 0, field: 0 };
  try {
    for (;;) {
      const next = await awaitArrival(clock, parts.next());
      if (next.done === true) return;
      const part = next.value as MultipartFile;
      const charset = charsets.next();
      // The parser's types are wrong: a part may lack a name and a file name.
      const { fieldname = '', filename } = part as { fieldname?: string; filename?: string };
      // No known field has a name this long.
      const name = cutText(requireUtf8(fieldname, 'name'), longestName);
      const kind = filename === undefined ? 'field' : 'file';
      seen[kind] += 1;
      if (seen.file > limits.files) throw tooManyFiles;
      if (seen.field > limits.fields) throw tooManyFields;
      requireBytes(part, name);
      if (filename === undefined) {
        yield { kind: 'field', name, ...(await readField(part, name, clock, limits.fieldBytes)) };
      } else {
        const bytes = readFile(part, clock);
        yield { kind: 'file', name, filename: requireUtf8(filename, 'file name'), charset, bytes };
      }
    }
  } finally {
    clock.end();
  }
}

/** The parser replaces what is not UTF-8 in the head of a part. */
function requireUtf8(text: string, what: string): string {
  if (!text.includes('\uFFFD')) return text;
  throw new KilnError(
    'invalid_request',
    `the body: the ${what} of a part is not UTF-8, as everything in a form must be; received ` +
      `"${cutText(text, 100)}"`,
  );
}

/**
 * RFC 7578 deprecates encoded parts; read as they are, they would be other bytes than were meant.
 */
function requireBytes({ encoding }: MultipartFile, name: string): void {
  if (/^(7bit|8bit|binary)?$/i.test(encoding.trim())) return;
  throw new KilnError(
    'invalid_request',
    `${name}: received a part with content-transfer-encoding "${cutText(encoding, 40)}"; send ` +
      'its bytes as they are, without this header',
    { param: name },
  );
}

/** Stops reading a field that is longer than any may be: the form is refused because of it. */
async function readField(
  part: MultipartFile,
  name: string,
  clock: UploadClock,
  mostBytes: number,
): Promise<{ value: string; isTruncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readFile(part, clock)) {
    chunks.push(chunk);
    bytes += chunk.length;
    clock.hold(chunk.length);
    if (bytes > mostBytes) return { value: '', isTruncated: true };
  }
  try {
    return { value: decoder.decode(Buffer.concat(chunks)), isTruncated: false };
  } catch (cause) {
    throw new KilnError(
      'invalid_request',
      `${name}: is not UTF-8, as every field of a form must be, whatever its charset says`,
      { param: name, cause },
    );
  }
}

async function* readFile({ file }: MultipartFile, clock: UploadClock): AsyncGenerator<Uint8Array> {
  const chunks = (file as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await awaitArrival(clock, chunks.next());
      if (next.done === true) break;
      yield next.value;
    }
    // The parser truncates silently.
    if (file.truncated)
      throw new KilnError('file_too_large', 'file: it is larger than allowed', { param: 'file' });
  } finally {
    file.destroy();
  }
}

/**
 * Reads a body that is one file, as it arrives; its parser leaves the stream as the body. Throws
 * `request_timeout`.
 */
export async function* readBody(
  request: FastifyRequest,
  uploads: Uploads,
): AsyncGenerator<Uint8Array> {
  const clock = uploads.begin(request);
  const chunks = (request.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await clock.within(chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    clock.end();
  }
}

/** Skips validation of bodies that a schema describes but the handler reads itself. */
export const validateExceptBodies: FastifySchemaCompiler<z.ZodType> = (route) =>
  route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route);

async function awaitArrival<T>(clock: UploadClock, arrival: Promise<T>): Promise<T> {
  try {
    return await clock.within(arrival);
  } catch (error) {
    throw error instanceof KilnError ? error : toRefusal(error);
  }
}

const tooManyFiles = new KilnError('invalid_request', 'file: received two files; send one', {
  param: 'file',
});
const tooManyFields = new KilnError(
  'invalid_request',
  'the body: it has more fields than any request allows',
);
const tooManyParts = new KilnError(
  'invalid_request',
  'the body: it has more parts than any request allows',
);
const refusals: Readonly<Record<string, KilnError>> = {
  FST_FILES_LIMIT: tooManyParts,
  FST_PARTS_LIMIT: tooManyParts,
  FST_PROTO_VIOLATION: new KilnError('unknown_parameter', 'the body: it has an unknown field'),
};

/** Maps a parser error to a refusal; all of them concern the body. */
function toRefusal(error: unknown): KilnError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = refusals[code];
  if (known !== undefined) return known;
  const reason = error instanceof Error ? error.message : String(error);
  return new KilnError('invalid_request', `the body: not a complete multipart form (${reason})`, {
    cause: error,
  });
}
