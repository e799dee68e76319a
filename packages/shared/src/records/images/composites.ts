/**
 * Composites of edits: which are due, and what became of each. The settlement of a job writes the
 * pending rows (`records/jobs/settlements.ts`).
 *
 *   pending   waits for a worker; a worker that takes it moves `due_at`, so that another one takes
 *             it when the first is killed
 *   made      the object is in the store
 *   skipped   there is none; `code` and `message` say why
 */
import { sql } from 'kysely';
import type { CompositeSkip } from '../../models/composite-rules.ts';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { Database } from '../database/open-records.ts';
import { writeEvents } from '../events/write-events.ts';

/** A composite that this worker makes now, and its image. */
export interface DueComposite {
  jobId: string;
  index: number;
  attemptNo: number;
  /** How often its making was begun, this time included. */
  tries: number;
  projectId: string;
  imageKey: string;
  format: string;
  request: StoredJobRequest;
}

/** Takes the composite that has been due longest; undefined: none is due. */
export async function takeDueComposite(db: Database): Promise<DueComposite | undefined> {
  const { rows } = await sql<DueComposite>`
    with due as (
      select job_id, index from kiln.composites
      where status = 'pending' and due_at <= clock_timestamp()
      order by due_at limit 1 for update skip locked
    ), taken as (
      update kiln.composites c set tries = c.tries + 1,
        due_at = clock_timestamp() + (c.tries + 1) * interval '1 minute'
      from due where c.job_id = due.job_id and c.index = due.index
      returning c.job_id, c.index, c.attempt_no, c.tries
    )
    select taken.job_id as "jobId", taken.index, taken.attempt_no as "attemptNo", taken.tries,
      image.project_id as "projectId", image.object_key as "imageKey", image.format,
      (select request from kiln.jobs where id = taken.job_id) as request
    from taken cross join lateral (
      select project_id, object_key, format from kiln.images
      where images.job_id = taken.job_id and images.index = taken.index offset 0
    ) as image`.execute(db);
  return rows[0];
}

/** Gives a try back that an outage ended: it does not count. */
export async function returnComposite(
  db: Database,
  { jobId, index }: Pick<DueComposite, 'jobId' | 'index'>,
): Promise<void> {
  await sql`
    update kiln.composites set tries = greatest(0, tries - 1),
      due_at = clock_timestamp() + interval '30 seconds'
    where job_id = ${jobId} and index = ${index}::int and status = 'pending'`.execute(db);
}

export interface MadeComposite {
  status: 'made';
  objectKey: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  crc32: number;
}

/**
 * Records what became of a composite, with an event. `known`: another worker was faster. `gone`:
 * its job was deleted, and so the object is garbage.
 */
export async function recordComposite(
  db: Database,
  { jobId, index }: Pick<DueComposite, 'jobId' | 'index'>,
  outcome: MadeComposite | CompositeSkip,
): Promise<'recorded' | 'known' | 'gone'> {
  const made = outcome.status === 'made' ? outcome : null;
  const skipped = outcome.status === 'skipped' ? outcome : null;
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ isRecorded: boolean }>`
    with recorded as (
      update kiln.composites set status = ${outcome.status},
        object_key = ${made?.objectKey ?? null}, width = ${made?.width ?? null}::int,
        height = ${made?.height ?? null}::int, bytes = ${made?.bytes ?? null}::bigint,
        sha256 = ${made?.sha256 ?? null}, crc32 = ${made?.crc32 ?? null}::bigint,
        code = ${skipped?.code ?? null}, message = ${skipped?.message ?? null}
      where job_id = ${jobId} and index = ${index}::int and status = 'pending'
      returning job_id
    ), job as (
      select id, project_id, batch_id, status from kiln.jobs
      where id = (select job_id from recorded)
    ), event as (${insert.job(
      `job.composite_${outcome.status}`,
      sql`true`,
      sql`jsonb_strip_nulls(jsonb_build_object('image_index', ${index}::int,
        'code', ${skipped?.code ?? null}::text))`,
    )})
    select exists (select from recorded) as "isRecorded" from kiln.composites
    where job_id = ${jobId} and index = ${index}::int`,
  );
  const [row] = rows;
  if (row === undefined) return 'gone';
  return row.isRecorded ? 'recorded' : 'known';
}

/** A composite that is not pending any more, as a row. */
export type CompositeRow =
  | {
      status: 'made';
      object_key: string;
      width: number;
      height: number;
      bytes: number;
      sha256: string;
      crc32: number;
    }
  | { status: 'skipped'; code: string; message: string };

/** Undefined: it was not asked for. */
export async function findComposite(
  db: Database,
  jobId: string,
  index: number,
): Promise<CompositeRow | { status: 'pending' } | undefined> {
  const { rows } = await sql<{ composite: CompositeRow | { status: 'pending' } }>`
    select to_jsonb(c) as composite from kiln.composites c
    where job_id = ${jobId} and index = ${index}::int`.execute(db);
  return rows[0]?.composite;
}

/** Returns the keys of composites that no record names. */
export async function findStrayComposites(
  db: Database,
  keys: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from unnest(${[...keys]}::text[]) as key
    where not exists (
      select from kiln.composites where job_id = split_part(key, '/', 3)
        and object_key = key)`.execute(db);
  return rows.map(({ key }) => key);
}
