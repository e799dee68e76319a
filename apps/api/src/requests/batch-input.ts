/** Reads the body of a request that creates or validates a batch, by its content type. */
import multipart from '@fastify/multipart';
import type { BatchInput } from '@kiln/shared/services/batches/input/receive-input';
import { maxPictures } from '@kiln/shared/services/batches/input/uploaded-pictures';
import { maxUploadBytes } from '@kiln/shared/services/files/upload-file';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { disconnectSignal } from '../limits/wait-limiter.ts';
import { charsetOf } from './charset.ts';
import { formLimits, parserOptions, readBody, readForm } from './multipart-form.ts';
import type { Uploads } from './uploads.ts';

/**
 * The files of a form are the table, the allowed pictures, and one more, so that the check can name
 * the excess.
 */
const limits = formLimits({
  fileBytes: maxUploadBytes,
  files: maxPictures + 2,
  fieldBytes: 65_536, // `defaults` and `column_map` are JSON text
});

/**
 * The names of bodies that are the file itself. A name without an extension leaves it to the first
 * character of the file whether it is CSV or JSONL: browsers and scripts send both as plain text,
 * and Windows calls CSV a file of Excel.
 */
const names: Readonly<Record<string, string>> = {
  'text/csv': 'batch.csv',
  'application/csv': 'batch.csv',
  'text/tab-separated-values': 'batch.tsv',
  'application/jsonl': 'batch.jsonl',
  'application/x-ndjson': 'batch.jsonl',
  'application/vnd.ms-excel': 'batch',
  'application/octet-stream': 'batch',
  'text/plain': 'batch',
};

/**
 * Workbooks and archives. They are read to be refused as such: the problem of the file says what to
 * do, and "unsupported media type" would not.
 */
const foreignTypes = [
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.apple.numbers',
  'application/x-iwork-numbers-sffnumbers',
  'application/zip',
  'application/x-zip-compressed',
  'application/gzip',
  'application/x-gzip',
];

export const batchMediaTypes = ['application/json', 'multipart/form-data', ...Object.keys(names)];

/** Lets the routes of this scope accept files in addition to JSON. */
export async function addBatchBodies(app: FastifyInstance): Promise<void> {
  await app.register(multipart, parserOptions(limits));
  // The handler reads these bodies as a stream.
  for (const type of [...Object.keys(names), ...foreignTypes])
    app.addContentTypeParser(type, (_request, body, done) => done(null, body));
}

function filenameOf(type: string): string | undefined {
  if (foreignTypes.includes(type)) return 'batch';
  return Object.hasOwn(names, type) ? names[type] : undefined;
}

export function readBatchInput(
  request: FastifyRequest,
  reply: FastifyReply,
  uploads: Uploads,
): BatchInput {
  if (request.isMultipart())
    return {
      kind: 'form',
      parts: readForm(request, uploads, limits),
      signal: disconnectSignal(reply),
    };
  const contentType = request.headers['content-type'] ?? '';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const filename = filenameOf(type);
  if (filename === undefined) return { kind: 'json', body: request.body };
  const query = request.query as Record<string, unknown>;
  const charset = charsetOf(contentType);
  // The field is the deliberate one of the two: a program may add a charset by itself.
  const fields = charset === null ? query : { encoding: charset, ...query };
  return { kind: 'bytes', filename, fields, bytes: readBody(request, uploads) };
}
