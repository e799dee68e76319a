/** What the records say about objects in the store: which are garbage, and which must exist. */
import { sql } from 'kysely';
import { attemptStatusesBefore, type AttemptStatus } from '../../domain/attempt-state.ts';
import { isFinal, jobStatuses, terminalJobStatuses } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

/** An object, and the attempt that its key names. */
export interface AttemptObject {
  key: string;
  jobId: string;
  no: number;
}

/**
 * The next claim of a job looks for the answers of its attempts in these statuses
 * (services/running/recover-attempts.ts).
 */
const mayAnswer: readonly AttemptStatus[] = ['in_flight', 'unknown', 'succeeded'];
const nonFinalStatuses = jobStatuses.filter((status) => !isFinal(status));

/**
 * Returns the keys of objects that no record names and that no job may need again. A job that has
 * ended needs its objects again only if a caller retries it; they are kept as long as results are.
 * Nothing needs those of a deleted job.
 * This is one statement on one snapshot: an attempt that is settled meanwhile is seen either as one
 * that may still be answered, or with its images.
 */
export async function findGarbage(
  db: Database,
  objects: readonly AttemptObject[],
  keepDays: number | null,
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${toStorableJson(objects)}::jsonb) as o(key text,
      "jobId" text, no int)
    where not exists (select 1 from kiln.images i where i.job_id = o."jobId"
      and i.object_key = o.key)
      and not exists (
        select 1 from kiln.attempts a join kiln.jobs j on j.id = a.job_id
        where a.job_id = o."jobId" and a.no = o.no and a.status = any(${[...mayAnswer]}::text[])
          and j.status = any(${nonFinalStatuses}::text[]) and j.deleted_at is null
          and coalesce(j.finished_at >= now() - ${keepDays}::int * interval '1 day',
            true))`.execute(db);
  return rows.map(({ key }) => key);
}

/** An attempt that was answered, as its objects prove, although the ledger does not know it. */
export interface UncountedAttempt {
  jobId: string;
  no: number;
  estimatedMicros: number | null;
}

/** Returns the attempts of these objects whose job has ended without looking for them again. */
export async function findUncounted(
  db: Database,
  objects: readonly AttemptObject[],
): Promise<UncountedAttempt[]> {
  const { rows } = await sql<UncountedAttempt>`
    select distinct j.id as "jobId", a.no, j.cost_estimated_micros as "estimatedMicros"
    from jsonb_to_recordset(${toStorableJson(objects)}::jsonb) as o("jobId" text, no int)
    join kiln.attempts a on a.job_id = o."jobId" and a.no = o.no
      and a.status in (${literals(attemptStatusesBefore('succeeded'))})
    join kiln.jobs j on j.id = a.job_id and j.status =
      any(${[...terminalJobStatuses]}::text[])`.execute(db);
  return rows;
}

/** Returns the keys of previews whose job has ended, or does not exist. */
export async function findOldPreviews(
  db: Database,
  objects: readonly AttemptObject[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${toStorableJson(objects)}::jsonb) as o(key text,
      "jobId" text)
    where not exists (
      select 1 from kiln.jobs j where j.id = o."jobId"
        and j.status <> all(${[...terminalJobStatuses]}::text[]))`.execute(db);
  return rows.map(({ key }) => key);
}

/** Returns the keys of thumbnails whose image is in no record. */
export async function findStrayThumbnails(
  db: Database,
  objects: readonly (AttemptObject & { index: number })[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${toStorableJson(objects)}::jsonb) as o(key text,
      "jobId" text, no int, index int)
    where not exists (
      select 1 from kiln.images i where i.job_id = o."jobId" and i.index = o.index
        and i.attempt_no = o.no)`.execute(db);
  return rows.map(({ key }) => key);
}

/** Recorded pictures that have an object: images of answers, and composites that were made. */
const recordedPictures = {
  image: sql`(select job_id, index, object_key, bytes, trashed_at is not null as is_trashed
    from kiln.images)`,
  composite: sql`(select job_id, index, object_key, bytes, (
      select trashed_at is not null from kiln.images i
      where i.job_id = composites.job_id and i.index = composites.index
    ) as is_trashed from kiln.composites where status = 'made')`,
};
export type RecordedKind = keyof typeof recordedPictures;

/** A recorded picture. */
interface RecordedPicture {
  jobId: string;
  index: number;
  objectKey: string;
  bytes: number;
  /** It is due to be deleted within the hour or is in the trash, so its object may be gone. */
  isExpiring: boolean;
}

/**
 * Lists pictures of the jobs after the job `after`: at least `limit` pictures, if there are that
 * many, and always all of a job.
 */
export async function listRecordedPictures(
  db: Database,
  kind: RecordedKind,
  { after, limit, keepDays }: { after: string; limit: number; keepDays: number | null },
): Promise<RecordedPicture[]> {
  const { rows } = await sql<RecordedPicture>`
    select job_id as "jobId", index, object_key as "objectKey", bytes, coalesce((
      select finished_at < now() + interval '1 hour' - ${keepDays}::int * interval '1 day'
        from kiln.jobs j where j.id = picture.job_id
    ), false) or is_trashed as "isExpiring"
    from ${recordedPictures[kind]} as picture where job_id > ${after}
    order by job_id fetch first (${limit}::int) rows with ties`.execute(db);
  return rows;
}

/**
 * Checks a picture that was listed: its job may have been deleted before its object was looked for.
 */
export async function isPictureThere(
  db: Database,
  kind: RecordedKind,
  jobId: string,
  index: number,
): Promise<boolean> {
  const { rows } = await sql`
    select from ${recordedPictures[kind]} as picture
    where job_id = ${jobId} and index = ${index}::int`.execute(db);
  return rows.length > 0;
}

/** Returns the keys of objects that belong to no file. */
export async function findStrayFiles(
  db: Database,
  objects: readonly { key: string; fileId: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${toStorableJson(objects)}::jsonb) as o(key text,
      "fileId" text)
    where not exists (
      select 1 from kiln.files f where f.id = o."fileId" and f.object_key = o.key
        and f.deleted_at is null)`.execute(db);
  return rows.map(({ key }) => key);
}

/** A recorded file. */
export interface RecordedFile {
  fileId: string;
  objectKey: string;
  bytes: number;
}

/** Lists up to `limit` files after `after`. */
export async function listRecordedFiles(
  db: Database,
  after: string,
  limit: number,
): Promise<RecordedFile[]> {
  const { rows } = await sql<RecordedFile>`
    select id as "fileId", object_key as "objectKey", bytes from kiln.files
    where id > ${after} and deleted_at is null order by id limit ${limit}::int`.execute(db);
  return rows;
}

/** Checks a file that was listed: it may have been deleted before its object was looked for. */
export async function isFileThere(db: Database, fileId: string): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.files where id = ${fileId} and deleted_at is null`.execute(db);
  return rows.length > 0;
}
