/**
 * Receives the form of a batch, whose parts may come in any order: `file` is the table, `files` are
 * the pictures that its rows name, or zips of them. The first bytes of a file tell what it is, so a
 * picture may come as `file`, too.
 */
import { cleanFilename, pictureTypeOf } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import { discardSources, type NewSource, type SourceDeps } from '../../edits/source-files.ts';
import { discardBytes, peek, type StoredBytes } from '../../files/store-file.ts';
import { addField, receiveFile } from '../../files/upload-file.ts';
import {
  createUploadedPictures,
  type PicturesDeps,
  type UploadedPictures,
} from './uploaded-pictures.ts';
import { unzipPictures } from './unzip-pictures.ts';
import type { FormPart } from '../../files/form-part.ts';
import { headBytes } from '../../../tabular/limits.ts';
import { isZippedTable } from '../../../tabular/problems/unsupported-file.ts';

export interface ReceivedForm {
  fields: ReadonlyMap<string, string>;
  /** `charset` is that of the content type of its part. */
  table: { filename: string; charset: string | null; stored: StoredBytes };
  pictures: NewSource[];
  /** File ids of the pictures, by the names they came with. */
  names: Record<string, string>;
}

const tableField = 'file';
const pictureFields = ['files', 'files[]'];
export const formFiles = [tableField, ...pictureFields];

/**
 * Throws `invalid_request` or `unknown_parameter` for a wrong form, the errors of
 * `uploaded-pictures.ts` and `unzip-pictures.ts`, and those of `parts` and `accept`. Nothing stays
 * stored then.
 * @param signal aborts when the caller has disconnected
 */
export async function receiveBatchForm<T>(
  deps: PicturesDeps,
  projectId: string,
  parts: AsyncIterable<FormPart>,
  signal: AbortSignal,
  accept: (form: ReceivedForm) => T,
): Promise<T> {
  const fields = new Map<string, string>();
  const pictures = createUploadedPictures(deps);
  const tables: ReceivedForm['table'][] = [];
  try {
    for await (const part of parts) {
      if (part.kind === 'field') addField(fields, part, formFiles);
      else await addFile(deps, part, tables, pictures, signal);
    }
    const [table] = tables;
    if (table === undefined)
      throw new KilnError(
        'invalid_request',
        'file: is missing; send the CSV or JSONL file as "file"',
        {
          param: 'file',
        },
      );
    return accept({ fields, table, pictures: pictures.sources, names: pictures.names });
  } catch (error) {
    for (const { stored } of tables) await discardBytes(deps, stored);
    await discardSources(deps, projectId, pictures.sources);
    throw error;
  } finally {
    pictures.release();
  }
}

async function addFile(
  deps: SourceDeps,
  { name, filename, charset, bytes }: Extract<FormPart, { kind: 'file' }>,
  tables: ReceivedForm['table'][],
  pictures: UploadedPictures,
  signal: AbortSignal,
): Promise<void> {
  if (!formFiles.includes(name))
    throw new KilnError(
      'unknown_parameter',
      `${name}: unexpected file field; expected the table as "file", and pictures or zips of ` +
        'them as "files"',
      { param: name },
    );
  const { start, ...opened } = await peek(bytes, name === tableField ? headBytes : undefined);
  try {
    const clean = cleanFilename(filename);
    // A zip that holds a table is refused like any other file that is no table.
    const isOfPictures = name !== tableField || (/\.zip$/i.test(clean) && !isZippedTable(start));
    if (isZip(start) && isOfPictures) await unzip(deps, clean, opened.whole, pictures, signal);
    // `files` holds pictures only. For anything else, the check of the picture says which formats
    // are taken.
    else if (name !== tableField || pictureTypeOf(start) !== null)
      await pictures.add(clean, () => Promise.resolve(opened));
    else tables.push({ charset, ...(await receiveTable(deps, clean, opened.whole, tables)) });
  } finally {
    await opened.close();
  }
}

async function receiveTable(
  deps: SourceDeps,
  filename: string,
  bytes: AsyncIterable<Uint8Array>,
  { length }: ReceivedForm['table'][],
): Promise<{ filename: string; stored: StoredBytes }> {
  if (length > 0)
    throw new KilnError(
      'invalid_request',
      'file: received two tables; send one table, and pictures as "files"',
      {
        param: 'file',
      },
    );
  return { filename, stored: await receiveFile(deps, filename, bytes, 'batch') };
}

async function unzip(
  deps: SourceDeps,
  filename: string,
  bytes: AsyncIterable<Uint8Array>,
  pictures: UploadedPictures,
  signal: AbortSignal,
): Promise<void> {
  const stored = await receiveFile(deps, filename, bytes, null);
  try {
    await unzipPictures(deps.store, stored, pictures, signal);
  } finally {
    await discardBytes(deps, stored);
  }
}

/** True for the signature of a local file header. An empty archive has none, and no pictures. */
function isZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 0x03 && start[3] === 0x04;
}
