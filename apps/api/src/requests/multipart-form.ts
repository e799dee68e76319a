/**
 * A `multipart/form-data` body, part by part as it arrives (RFC 7578). Nothing is kept but the
 * chunk at hand.
 */
import type { MultipartFile } from '@fastify/multipart';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { validatorCompiler } from '../plugins/validation.ts';
import type { UploadClock, Uploads } from './uploads.ts';
import type { FormPart } from '@kiln/shared/services/files/form-part';

const mostFields = 20;

/**
 * `largestFile` in bytes, the others of what surrounds it. One byte more than is allowed shows that
 * there was more.
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
 * Throws `unsupported_media_type`, `invalid_request` for a body that is no whole form, and
 * `request_timeout`.
 */
export async function* readForm(
  request: FastifyRequest,
  uploads: Uploads,
): AsyncGenerator<FormPart> {
  if (!request.isMultipart()) {
    throw new KilnError(
      'unsupported_media_type',
      `content-type: received "${(request.headers['content-type'] ?? 'none').slice(0, 100)}"; this route takes multipart/form-data`,
      { param: 'content-type' },
    );
  }
  const clock = uploads.begin(request);
  const parts = request.parts();
  try {
    for (;;) {
      const next = await arrivalOf(clock, parts.next());
      if (next.done === true) return;
      const part = next.value;
      // Whatever its type says: a part may have come without a name. No field that is known has a
      // long one.
      const name = ((part.fieldname as string | undefined) ?? '').slice(0, longestName);
      if (part.type === 'file') {
        yield { kind: 'file', name, filename: part.filename, bytes: readFile(part, clock) };
      } else {
        const { value, valueTruncated: isTruncated } = part;
        // A part that calls itself JSON was parsed.
        yield {
          kind: 'field',
          name,
          isTruncated,
          value: typeof value === 'string' ? value : JSON.stringify(value),
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
      const next = await arrivalOf(clock, chunks.next());
      if (next.done === true) break;
      yield next.value;
    }
    // The parser cuts off in silence.
    if (file.truncated)
      throw new KilnError('file_too_large', 'file: is too large', { param: 'file' });
  } finally {
    file.destroy();
  }
}

/** A body that is one file, as it arrives. Throws `request_timeout`. */
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

/** What has a file name is a file, whatever its type. */
export function isPartAFile(
  _name: string | undefined,
  _contentType: string | undefined,
  filename?: string,
): boolean {
  return filename !== undefined;
}

/** For routes whose bodies are described by a schema and read by their handlers. */
export const validateExceptBodies: FastifySchemaCompiler<z.ZodType> = (route) =>
  route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route);

async function arrivalOf<T>(clock: UploadClock, arrival: Promise<T>): Promise<T> {
  try {
    return await clock.within(arrival);
  } catch (error) {
    throw error instanceof KilnError ? error : toRefusal(error);
  }
}

const refusals: Readonly<Record<string, KilnError>> = {
  FST_FILES_LIMIT: new KilnError('invalid_request', 'file: came twice; one file is taken', {
    param: 'file',
  }),
  FST_FIELDS_LIMIT: new KilnError(
    'invalid_request',
    'the body: has more fields than any request takes',
  ),
  FST_PARTS_LIMIT: new KilnError(
    'invalid_request',
    'the body: has more parts than any request takes',
  ),
  FST_PROTO_VIOLATION: new KilnError(
    'unknown_parameter',
    'the body: has a field that is not known',
  ),
};

/** The parser's errors are all about the body, however they are worded. */
function toRefusal(error: unknown): KilnError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = refusals[code];
  if (known !== undefined) return known;
  const reason = error instanceof Error ? error.message : String(error);
  return new KilnError('invalid_request', `the body: is no whole multipart form (${reason})`, {
    cause: error,
  });
}
