/**
 * What the records say of the objects in the store: which they do not need, and which they count
 * on.
 */
import { sql } from 'kysely';
import { attemptStatusesBefore, type AttemptStatus } from '../../domain/attempt-state.ts';
import { isFinal, jobStatuses, terminalJobStatuses } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';

/** An object, and the attempt whose image or preview it holds by its key. */
export interface AttemptObject {
  key: string;
  jobId: string;
  no: number;
}

/**
 * What an attempt may be whose answer is looked for when its job comes back
 * (services/running/recover-attempts.ts).
 */
const mayAnswer: readonly AttemptStatus[] = ['in_flight', 'unknown', 'succeeded'];
const mayComeBack = jobStatuses.filter((status) => !isFinal(status));

/**
 * The keys of those objects that no record names and no job may come back for; for a job that has
 * ended somebody would have to ask, which is not waited for longer than results are kept. One
 * statement, so one moment: an attempt that is settled meanwhile is seen either as what may still
 * answer, or with its images.
 */
export async function findGarbage(
  db: Database,
  objects: readonly AttemptObject[],
  keepDays: number | null,
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as o(key text,
      "jobId" text, no int)
    where not exists (select 1 from kiln.images i where i.job_id = o."jobId"
      and i.object_key = o.key)
      and not exists (
        select 1 from kiln.attempts a join kiln.jobs j on j.id = a.job_id
        where a.job_id = o."jobId" and a.no = o.no and a.status = any(${[...mayAnswer]}::text[])
          and j.status = any(${mayComeBack}::text[])
          and coalesce(j.finished_at >= now() - ${keepDays}::int * interval '1 day',
            true))`.execute(db);
  return rows.map(({ key }) => key);
}

/** An attempt that was answered, as its objects show, and of which nobody knows. */
export interface UncountedAttempt {
  jobId: string;
  no: number;
  estimatedMicros: number | null;
}

/**
 * Those among the attempts of these objects whose job has ended without having come back for them.
 */
export async function findUncounted(
  db: Database,
  objects: readonly AttemptObject[],
): Promise<UncountedAttempt[]> {
  const { rows } = await sql<UncountedAttempt>`
    select distinct j.id as "jobId", a.no, j.cost_estimated_micros as "estimatedMicros"
    from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as o("jobId" text, no int)
    join kiln.attempts a on a.job_id = o."jobId" and a.no = o.no
      and a.status in (${literals(attemptStatusesBefore('succeeded'))})
    join kiln.jobs j on j.id = a.job_id and j.status =
      any(${[...terminalJobStatuses]}::text[])`.execute(db);
  return rows;
}

/** The keys of those previews whose job has ended, or does not exist. */
export async function findOldPreviews(
  db: Database,
  objects: readonly AttemptObject[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as o(key text,
      "jobId" text)
    where not exists (
      select 1 from kiln.jobs j where j.id = o."jobId"
        and j.status <> all(${[...terminalJobStatuses]}::text[]))`.execute(db);
  return rows.map(({ key }) => key);
}

/** The keys of those thumbnails whose image is in no record. */
export async function findStrayThumbnails(
  db: Database,
  objects: readonly (AttemptObject & { index: number })[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as o(key text,
      "jobId" text, no int, index int)
    where not exists (
      select 1 from kiln.images i where i.job_id = o."jobId" and i.index = o.index
        and i.attempt_no = o.no)`.execute(db);
  return rows.map(({ key }) => key);
}

/** An image as it was recorded. */
export interface RecordedObject {
  jobId: string;
  index: number;
  objectKey: string;
  bytes: number;
  /** Old enough to be deleted within the hour, and so perhaps gone already. */
  isLeaving: boolean;
}

/**
 * The images behind those of the job `after`, at least `limit` of them while there are so many, and
 * always all of a job.
 */
export async function listRecordedObjects(
  db: Database,
  { after, limit, keepDays }: { after: string; limit: number; keepDays: number | null },
): Promise<RecordedObject[]> {
  const { rows } = await sql<RecordedObject>`
    select job_id as "jobId", index, object_key as "objectKey", bytes, coalesce((
      select finished_at < now() + interval '1 hour' - ${keepDays}::int * interval '1 day'
        from kiln.jobs j where j.id = i.job_id
    ), false) as "isLeaving"
    from kiln.images i where job_id > ${after}
    order by job_id fetch first (${limit}::int) rows with ties`.execute(db);
  return rows;
}

/** The keys of those objects that are no file's. */
export async function findStrayFiles(
  db: Database,
  objects: readonly { key: string; fileId: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select o.key from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as o(key text,
      "fileId" text)
    where not exists (
      select 1 from kiln.files f where f.id = o."fileId" and f.object_key = o.key
        and f.deleted_at is null)`.execute(db);
  return rows.map(({ key }) => key);
}

/** A file as it was recorded. */
export interface RecordedFile {
  fileId: string;
  objectKey: string;
  bytes: number;
}

/** Up to `limit` files behind `after`. */
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

/** A file may be deleted between being listed and being looked for. */
export async function isFileThere(db: Database, fileId: string): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.files where id = ${fileId} and deleted_at is null`.execute(db);
  return rows.length > 0;
}
