/**
 * `POST /v1/files`: makes a file of the parts of a form, which may come in any order. The bytes are
 * stored while they arrive, before all fields are known; an upload that is refused afterwards is
 * deleted again. A picture is checked when all of it has arrived. The file is durable once
 * `uploadFile` resolves. Its parts also serve the forms of batches and edits.
 */
import {
  cleanFilename,
  largestUpload,
  pictureTypeOf,
  uploadLimits,
  uploadPurposes,
  type UploadPurpose,
} from '../../domain/file-rules.ts';
import { KilnError } from '../../errors.ts';
import { unsupported } from '../../imaging/outline.ts';
import { insertFile, type NewFile } from '../../records/files/files.ts';
import { fileRequestSchema, type FileObject, type FileRequest } from '../../schemas/file.ts';
import { readFormFields } from '../../schemas/form-fields.ts';
import { toRefusal } from '../../schemas/refusal.ts';
import type { Picture } from '../../schemas/picture.ts';
import { checkPictureFile, toPictureError, type PictureDeps } from './check-picture-file.ts';
import { toFile } from './file-view.ts';
import { bytesBetweenChecks, requireFreeSpace, type FreeSpaceDeps } from './free-space.ts';
import { hashOf, settleKey } from '../idempotency.ts';
import {
  discardBytes,
  toFileRow,
  storeBytes,
  type FileDeps,
  type StoredBytes,
} from './store-file.ts';
import type { Caller } from '../caller.ts';
import type { FormPart } from './form-part.ts';

/** The most bytes of any file; multipart parsers stop there. */
export const maxUploadBytes = largestUpload;

export type Upload = { status: 'created' | 'replayed'; file: FileObject };

interface UploadForm {
  request: FileRequest;
  filename: string;
  stored: StoredBytes;
}

export type UploadDeps = FileDeps & PictureDeps;

/**
 * Throws `invalid_request` and `unknown_parameter` for a wrong form, `file_too_large`, the codes of
 * `models/picture-rules.ts`, `imaging_busy`, the errors of an `Idempotency-Key`, and those of the
 * parts. Neither a file nor an object stays then.
 */
export async function uploadFile(
  deps: UploadDeps,
  caller: Caller,
  parts: AsyncIterable<FormPart>,
  key: string | null,
): Promise<Upload> {
  const { request, filename, stored } = await receiveForm(deps, parts, purposeSoFar, acceptUpload);
  const picture = await checkPicture(deps, request.purpose, stored);
  const row: NewFile = {
    ...toFileRow(stored),
    picture,
    project_id: caller.projectId,
    purpose: request.purpose,
    filename,
    expires_at: null,
  };
  if (request.expires_after !== undefined)
    row.expires_at = new Date(row.created_at.getTime() + request.expires_after.seconds * 1_000);
  const file = toFile(row, deps.config.keepFilesDays);
  const keyed =
    key === null
      ? null
      : { key, requestHash: hashOf({ ...request, filename, sha256: row.sha256 }), answer: file };
  // If the insert throws, the record may exist all the same, so the object stays. Without a record,
  // garbage collection deletes it.
  const outcome = await insertFile(deps.db, row, keyed);
  if (outcome.status !== 'created') await discardBytes(deps, stored);
  const { status, answer } = settleKey(outcome, file);
  return { status, file: answer };
}

/** Null for a file that is not a picture. If the picture is refused, its bytes are deleted. */
async function checkPicture(
  deps: UploadDeps,
  purpose: UploadPurpose,
  stored: StoredBytes,
): Promise<Picture | null> {
  if (purpose !== 'vision') return null;
  try {
    return await checkPictureFile(deps, stored.objectKey, 'file');
  } catch (error) {
    await discardBytes(deps, stored);
    throw error;
  }
}

/** A form that has been read to its end. `stored` is null if it had no file. */
interface ReadForm {
  fields: ReadonlyMap<string, string>;
  filename: string;
  stored: StoredBytes | null;
}

/**
 * Reads a form with one file, and stores its bytes while they arrive. `accept` makes the result. If
 * it or a part throws, nothing stays stored.
 * @param purposeOf the purpose of the file by the fields that came before it; null if unknown
 */
async function receiveForm<T>(
  deps: FileDeps,
  parts: AsyncIterable<FormPart>,
  purposeOf: (fields: ReadonlyMap<string, string>) => UploadPurpose | null,
  accept: (form: ReadForm) => T,
): Promise<T> {
  const fields = new Map<string, string>();
  let filename = '';
  let stored: StoredBytes | null = null;
  try {
    for await (const part of parts) {
      if (part.kind === 'field') addField(fields, part);
      else {
        checkPart(part, stored !== null);
        filename = cleanFilename(part.filename);
        stored = await receiveFile(deps, filename, part.bytes, purposeOf(fields));
      }
    }
    return accept({ fields, filename, stored });
  } catch (error) {
    if (stored !== null) await discardBytes(deps, stored);
    throw error;
  }
}

function acceptUpload({ fields, filename, stored }: ReadForm): UploadForm {
  const request = parseFields(fields);
  if (stored === null)
    throw new KilnError('invalid_request', 'file: is missing; send the file as "file"', fileParam);
  checkFile(request.purpose, stored);
  return { request, filename, stored };
}

const fileParam = { param: 'file' };

/**
 * Stores a file, within the limit of its purpose. Throws `insufficient_storage`; `file_too_large`;
 * `invalid_request` for an
 * empty file; and `image_format_unsupported` for a `vision` file that does not begin like a
 * picture.
 * @param purpose null if it is not known yet
 */
export function receiveFile(
  deps: FreeSpaceDeps,
  filename: string,
  bytes: AsyncIterable<Uint8Array>,
  purpose: UploadPurpose | null,
): Promise<StoredBytes> {
  return storeBytes(deps, filename, withinLimit(deps, bytes, purpose), (start) => {
    if (start.length === 0)
      throw new KilnError(
        'invalid_request',
        'file: received 0 bytes; it must not be empty',
        fileParam,
      );
    // Refuse it now, instead of after reading the rest.
    if (purpose === 'vision' && pictureTypeOf(start) === null)
      throw toPictureError(unsupported(Buffer.from(start)), 'file');
  });
}

async function* withinLimit(
  deps: FreeSpaceDeps,
  bytes: AsyncIterable<Uint8Array>,
  purpose: UploadPurpose | null,
): AsyncGenerator<Uint8Array> {
  const limit = purpose === null ? largestUpload : uploadLimits[purpose];
  let [size, nextCheckAt] = [0, 0];
  for await (const chunk of bytes) {
    if (size >= nextCheckAt) {
      await requireFreeSpace(deps);
      nextCheckAt += bytesBetweenChecks;
    }
    size += chunk.length;
    if (size > limit) throw tooLarge(limit, purpose);
    yield chunk;
  }
}

/** Checks the limit of a purpose that came after the file. */
function checkFile(purpose: UploadPurpose, { bytes }: StoredBytes): void {
  if (bytes > uploadLimits[purpose]) throw tooLarge(uploadLimits[purpose], purpose);
}

function tooLarge(limit: number, purpose: UploadPurpose | null): KilnError {
  const subject = purpose === null ? 'a file' : `a file for "${purpose}"`;
  return new KilnError(
    'file_too_large',
    `file: is too large; ${subject} may have at most ${limit.toLocaleString('en')} bytes`,
    fileParam,
  );
}

/** Throws for a file in another field than `file`, and for a second file. */
function checkPart({ name }: FormPart, isSecond: boolean): void {
  if (name !== 'file')
    throw new KilnError('unknown_parameter', `${name}: unexpected file field; expected "file"`, {
      param: name,
    });
  if (isSecond)
    throw new KilnError('invalid_request', 'file: received two files; send one', fileParam);
}

/**
 * Adds a field of a form. Throws `invalid_request` for a field that came twice or was cut, and for
 * one of `files` that came as text.
 */
export function addField(
  fields: Map<string, string>,
  { name, value, isTruncated }: Extract<FormPart, { kind: 'field' }>,
  files: readonly string[] = ['file'],
): void {
  const refuse = (reason: string) =>
    new KilnError('invalid_request', `${name}: ${reason}`, { param: name });
  if (files.includes(name))
    throw refuse(
      'received text, because the part has no file name; send it as a file (curl: -F ' +
        `${name}=@<path>)`,
    );
  if (isTruncated) throw refuse('is too long; no value of this field has so many bytes');
  if (fields.has(name)) throw refuse('received two values; send one');
  fields.set(name, value);
}

function purposeSoFar(fields: ReadonlyMap<string, string>): UploadPurpose | null {
  const given = fields.get('purpose');
  if (given === undefined) return null;
  const purpose = uploadPurposes.find((known) => known === given);
  // An unknown purpose is refused now, instead of after reading the file.
  return purpose ?? parseFields(fields).purpose;
}

function parseFields(fields: ReadonlyMap<string, string>): FileRequest {
  const input = readFormFields(fields);
  const parsed = fileRequestSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw toRefusal(parsed.error, input, ['file', ...Object.keys(fileRequestSchema.shape)]);
}
