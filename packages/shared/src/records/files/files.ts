/**
 * Rows of files. A deleted file keeps its row, because batches refer to it forever; nothing here
 * returns such a row.
 *
 * A file that a batch or a job still needs is never deleted. The transaction that creates either
 * one locks its files `for share`. Deleting locks the row `for update`, and then looks for batches
 * and jobs that need it, so one of the two sees the other. The jobs of a batch are the exception,
 * because there are so many: if a file is deleted while its row is read, that row fails.
 */
import { sql, type Selectable, type Transaction } from 'kysely';
import { openBatchStatuses } from '../../domain/batch-state.ts';
import { openJobStatuses } from '../../domain/job-state.ts';
import type { FileObject, FileQuery } from '../../schemas/file.ts';
import type { Picture } from '../../schemas/picture.ts';
import { retryWhileUnavailable } from '../database/availability.ts';
import {
  claimKey,
  resolveUsedKey,
  type CreateOutcome,
  type KeyedRequest,
} from '../idempotency-keys.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';

export type FileRow = Selectable<Schema['kiln.files']>;
export type NewFile = Omit<FileRow, 'deleted_at'>;

/**
 * Writes a file whose object is stored. If the database is unavailable, it is unknown whether the
 * row was written, so the insert may be repeated: it writes the row once.
 */
export function insertFile(
  db: Database,
  file: NewFile,
  keyed: KeyedRequest<FileObject> | null,
): Promise<CreateOutcome<FileObject>> {
  const claimed = keyed === null ? sql`select` : claimKey(file.project_id, keyed, 200);
  return retryWhileUnavailable(async () => {
    const { rows } = await sql`
      with claimed as (${claimed})
      insert into kiln.files (id, project_id, purpose, filename, content_type, bytes, sha256,
        object_key, created_at, expires_at, picture)
      select ${file.id}, ${file.project_id}, ${file.purpose}, ${file.filename},
        ${file.content_type}, ${file.bytes}::bigint,
        ${file.sha256}, ${file.object_key}, ${file.created_at}::timestamptz,
          ${file.expires_at}::timestamptz,
        ${file.picture === null ? null : toStorableJson(file.picture)}::jsonb
      from claimed on conflict (id) do nothing returning id`.execute(db);
    if (rows.length > 0 || keyed === null) return { status: 'created' };
    return resolveUsedKey(db, file.project_id, keyed);
  });
}

export function findFile(
  db: Database,
  projectId: string,
  id: string,
): Promise<FileRow | undefined> {
  return db
    .selectFrom('kiln.files')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** Finds those of the files that exist. */
export function findFiles(
  db: Database,
  projectId: string,
  ids: readonly string[],
): Promise<FileRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('kiln.files')
    .selectAll()
    .where('project_id', '=', projectId)
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .where('deleted_at', 'is', null)
    .execute();
}

/** Finds a picture with these bytes that does not expire within a day. */
export async function findFileByHash(
  db: Database,
  projectId: string,
  sha256: string,
): Promise<Pick<FileRow, 'id' | 'picture'> | undefined> {
  const { rows } = await sql<Pick<FileRow, 'id' | 'picture'>>`
    select id, picture from kiln.files where project_id = ${projectId} and sha256 = ${sha256}
      and purpose = 'vision' and deleted_at is null and picture is not null
      and (expires_at is null or expires_at > now() + interval '1 day') limit 1`.execute(db);
  return rows[0];
}

/** Stores what Kiln found in a picture that was uploaded before Kiln read pictures. */
export async function keepPicture(db: Database, id: string, picture: Picture): Promise<void> {
  await sql`update kiln.files set picture = ${toStorableJson(picture)}::jsonb
    where id = ${id}`.execute(db);
}

/**
 * Locks files until the end of the transaction, so that they are not deleted. Returns the ids that
 * do not exist.
 */
export async function lockFiles(
  db: Database,
  projectId: string,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from kiln.files where project_id = ${projectId} and id = any(${[...ids]}::text[])
      and deleted_at is null
    order by id for share`.execute(db);
  const found = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !found.has(id));
}

/**
 * Lists files in the order of their ids, which rise with time. Returns one row more than `limit` if
 * there are more.
 */
export function listFiles(
  db: Database,
  projectId: string,
  { purpose, order, after, limit }: FileQuery,
): Promise<FileRow[]> {
  let query = db
    .selectFrom('kiln.files')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .orderBy('id', order)
    .limit(limit + 1);
  // Clients may send any text: they know purposes that Kiln does not have.
  if (purpose !== undefined) query = query.where(sql<boolean>`purpose = ${purpose}`);
  if (after !== undefined) query = query.where('id', order === 'asc' ? '>' : '<', after);
  return query.execute();
}

export type Deletion =
  | { status: 'deleted'; objectKey: string }
  /** `by`: the id of a batch or a job. */
  | { status: 'in_use'; by: string }
  | { status: 'not_found' };

/** Deletes a file from the records. The caller deletes its object. */
export function deleteFile(db: Database, projectId: string, id: string): Promise<Deletion> {
  return db.transaction().execute(async (transaction): Promise<Deletion> => {
    const { rows } = await sql<{ objectKey: string }>`
      select object_key as "objectKey" from kiln.files where project_id = ${projectId}
        and id = ${id} and deleted_at is null
      for update`.execute(transaction);
    const [file] = rows;
    if (file === undefined) return { status: 'not_found' };
    const needing = await sql<{ id: string }>`
      (select b.id from kiln.batches b where ${needs(sql`b`, sql`${id}`)} limit 1)
      union all (select b.id from ${batchesWith(sql`${id}`)} limit 1)
      union all (select j.id from kiln.jobs j where ${sends(sql`j`, sql`${id}`)} limit 1)`.execute(
      transaction,
    );
    const [user] = needing.rows;
    if (user !== undefined) return { status: 'in_use', by: user.id };
    await softDelete(transaction, [id]);
    return { status: 'deleted', objectKey: file.objectKey };
  });
}

/**
 * Up to `limit` files that are past their `expires_at`, or older than `keepDays`, and that no open
 * batch or job needs.
 */
export async function listExpiredFiles(
  db: Database,
  keepDays: number | null,
  { limit, except }: { limit: number; except: readonly string[] },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select f.id from kiln.files f
    where f.deleted_at is null and (f.expires_at < now()
      or f.created_at < now() - ${keepDays}::int * interval '1 day')
      and f.id <> all(${[...except]}::text[]) and ${isUnneeded}
    limit ${limit}::int`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Deletes files from the records. Returns the keys of their objects, which the caller deletes. A
 * file that a batch or a job needs by now stays.
 */
export function deleteUnneededFiles(db: Database, ids: readonly string[]): Promise<string[]> {
  return db.transaction().execute(async (transaction) => {
    const held = await sql<{ id: string }>`
      select f.id from kiln.files f where f.id = any(${[...ids]}::text[])
        and f.deleted_at is null for update of f skip locked`.execute(transaction);
    // Look with the rows locked: no new batch or job can use them now.
    const free = await sql<{ id: string }>`
      select f.id from kiln.files f where f.id = any(${held.rows.map(({ id }) => id)}::text[])
        and ${isUnneeded}`.execute(transaction);
    return softDelete(
      transaction,
      free.rows.map(({ id }) => id),
    );
  });
}

async function softDelete(
  transaction: Transaction<Schema>,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ objectKey: string }>`
    update kiln.files set deleted_at = clock_timestamp() where id = any(${[...ids]}::text[])
    returning object_key as "objectKey"`.execute(transaction);
  return rows.map(({ objectKey }) => objectKey);
}

const unfinished = literals(openBatchStatuses);
const unendedJobs = literals(openJobStatuses);

/** Whether the batch of this alias is still open and reads or writes the file. */
function needs(batch: ReturnType<typeof sql>, fileId: ReturnType<typeof sql>) {
  return sql`${batch}.status in (${unfinished})
    and ${fileId} in (${batch}.input_file_id, ${batch}.output_file_id, ${batch}.error_file_id)`;
}

/** The open batches `b` that were uploaded with the picture. */
function batchesWith(fileId: ReturnType<typeof sql>) {
  return sql`kiln.batch_pictures p join kiln.batches b on b.id = p.batch_id
    where p.file_id = ${fileId} and b.status in (${unfinished})`;
}

/** Whether the job of this alias is still open and sends the file along. */
function sends(job: ReturnType<typeof sql>, fileId: ReturnType<typeof sql>) {
  return sql`${job}.source_file_ids @> array[${fileId}]::text[]
    and ${job}.status in (${unendedJobs})`;
}

/** Whether no open batch or job needs the file `f`. */
const isUnneeded = sql`not exists (select from kiln.batches b where ${needs(sql`b`, sql`f.id`)})
  and not exists (select from ${batchesWith(sql`f.id`)})
  and not exists (select from kiln.jobs j where ${sends(sql`j`, sql`f.id`)})`;
