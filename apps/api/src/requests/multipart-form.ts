/**
 * Reads `multipart/form-data` bodies part by part as they arrive (RFC 7578). Only the current chunk
 * is in memory. Throws `KilnError` for bodies that are not complete forms. What the fields mean is
 * checked by the services (`receive-edit-form.ts`, `receive-form.ts`, `upload-file.ts`).
 */
import type { MultipartFile } from '@fastify/multipart';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { validatorCompiler } from '../plugins/validation.ts';
import type { UploadClock, Uploads } from './uploads.ts';
import { maxJsonLevels } from '@kiln/shared/bounded-json';
import type { FormPart } from '@kiln/shared/services/files/form-part';
import { cutText } from '@kiln/shared/schemas/text';

const mostFields = 20;

/**
 * Parser limits; `largestFile` is in bytes. One byte more than allowed is parsed, which shows that
 * the file is too large.
 */
export const formLimits = (largestFile: number, mostFiles = 1) => ({
  files: mostFiles,
  fields: mostFields,
  parts: mostFiles + mostFields,
  fieldSize: 4_096,
  headerPairs: 20,
  headerSize: 8_192,
  fileSize: largestFile + 1,
});

const longestName = 100;

/**
 * Throws `unsupported_media_type`, `invalid_request` for an incomplete form, and `request_timeout`.
 */
export async function* readForm(
  request: FastifyRequest,
  uploads: Uploads,
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
  const parts = request.parts();
  try {
    for (;;) {
      const next = await awaitArrival(clock, parts.next());
      if (next.done === true) return;
      const part = next.value;
      // The parser's type is wrong: a part may lack a name. No known field has a name this long.
      const { fieldname = '' } = part as { fieldname?: string };
      const name = cutText(fieldname, longestName);
      if (part.type === 'file') {
        yield { kind: 'file', name, filename: part.filename, bytes: readFile(part, clock) };
      } else {
        const { value, valueTruncated: isTruncated } = part;
        // The parser has already parsed a part whose content type is JSON.
        yield {
          kind: 'field',
          name,
          isTruncated,
          value: typeof value === 'string' ? value : toText(name, value),
        };
      }
    }
  } finally {
    clock.end();
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

/** Reads a body that is one file, as it arrives. Throws `request_timeout`. */
export async function* readBody(
  request: FastifyRequest,
  uploads: Uploads,
): AsyncGenerator<Uint8Array> {
  const clock = uploads.begin(request);
  const chunks = (request.raw as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
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

/**
 * Turns a field that the parser has parsed as JSON back into its text. What has too many levels for
 * that also exceeds the limit of JSON (`bounded-json.ts`).
 */
function toText(name: string, value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (cause) {
    throw new KilnError(
      'invalid_request',
      `${name}: has more than ${maxJsonLevels} objects and arrays inside each other, the most ` +
        'that is allowed; make it flatter',
      { param: name, cause },
    );
  }
}

/** A part with a file name is a file, whatever its content type. */
export function isPartAFile(
  _name: string | undefined,
  _contentType: string | undefined,
  filename?: string,
): boolean {
  return filename !== undefined;
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

const refusals: Readonly<Record<string, KilnError>> = {
  FST_FILES_LIMIT: new KilnError('invalid_request', 'file: received two files; send one', {
    param: 'file',
  }),
  FST_FIELDS_LIMIT: new KilnError(
    'invalid_request',
    'the body: it has more fields than any request allows',
  ),
  FST_PARTS_LIMIT: new KilnError(
    'invalid_request',
    'the body: it has more parts than any request allows',
  ),
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
