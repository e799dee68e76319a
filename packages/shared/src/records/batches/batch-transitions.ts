/**
 * The changes of a batch's status and of the flags beside it. Each is one compare-and-set whose
 * condition comes from the table of transitions, and returns false if the batch had none of the
 * statuses that the change may follow.
 */
import { sql } from 'kysely';
import {
  batchStatusesBefore,
  waitingBatchStatuses,
  type BatchStatus,
  type BatchStatusBefore,
} from '../../domain/batch-state.ts';
import type { BatchErrors, BatchReading } from '../../schemas/batch.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import { writeEvents, type BatchEventType } from '../events/write-events.ts';
import { allRowsEnded } from './batches.ts';
import { toStorableJson } from '../database/storable-json.ts';

export interface AcceptedFile {
  reading: BatchReading;
  /** `rows` counts the records of the file; `jobs` counts those that become jobs. */
  rows: number;
  jobs: number;
  lastRow: number;
  errors: BatchErrors | null;
  estimatedMicros: number;
  /** What the estimates of its rows rest on. */
  basis: string | null;
}

export type BatchEnd = 'completed' | 'expired' | 'cancelled' | 'failed';

/** validating → in_progress. */
export function acceptBatch(db: Database, id: string, file: AcceptedFile): Promise<boolean> {
  return transitionWithEvent(db, id, {
    from: ['validating'],
    to: 'in_progress',
    event: 'batch.in_progress',
    set: sql`in_progress_at = clock_timestamp(), row_count = ${file.rows}::int,
      last_row = ${file.lastRow}::int, file_last_row = ${file.lastRow}::int,
      total_count = ${file.jobs}::int,
      invalid_count = ${file.rows - file.jobs}::int, reading =
        ${toStorableJson(file.reading)}::jsonb,
      errors = ${toJson(file.errors)}::jsonb, cost_estimated_micros =
        ${file.estimatedMicros}::bigint, cost_basis = ${file.basis}`,
  });
}

/** validating → failed. Nothing was spent. */
export function refuseBatch(
  db: Database,
  id: string,
  errors: BatchErrors,
  reading: BatchReading | null,
): Promise<boolean> {
  return transitionWithEvent(db, id, {
    from: ['validating'],
    to: 'failed',
    event: 'batch.failed',
    set: sql`finished_at = clock_timestamp(), errors = ${toStorableJson(errors)}::jsonb,
      run_next_tag = null, reading = ${toJson(reading)}::jsonb`,
  });
}

/** → cancelling. No further row becomes a job, and no further job starts. */
export function startCancelling(db: Database, projectId: string, id: string): Promise<boolean> {
  return transition(db, id, {
    to: 'cancelling',
    set: cancelling,
    where: sql`project_id = ${projectId}`,
  });
}

/** The work of the step before is over, with its failed runs. */
const cancelling = sql`cancelling_at = clock_timestamp(), moving = null, retrying_since = null,
  changes = '{}', run_next_tag = null, paused_at = null, failed_runs = 0, lost_workers = 0,
  retry_at = null`;

/**
 * in_progress → cancelling, because Kiln cannot go on with the batch. Its jobs end as those of a
 * cancelled batch do, and then the batch fails.
 */
export function giveUpBatch(db: Database, id: string, errors: BatchErrors): Promise<boolean> {
  return transition(db, id, {
    from: ['in_progress'],
    to: 'cancelling',
    set: sql`${cancelling}, given_up = true, errors = ${toStorableJson(errors)}::jsonb`,
  });
}

/**
 * → failed, at once: nothing was begun, or the last step failed. The batch has no output files; the
 * pictures of its jobs stay.
 */
export function failBatch(db: Database, id: string, errors: BatchErrors): Promise<boolean> {
  return transitionWithEvent(db, id, {
    to: 'failed',
    event: 'batch.failed',
    set: sql`finished_at = clock_timestamp(), errors = ${toStorableJson(errors)}::jsonb,
      given_up = true, failed_runs = 0, lost_workers = 0, run_next_tag = null,
      ${unreadRowsAreOver}`,
  });
}

/** Rows of a cancelled batch that no worker has read will not be read later. */
const unreadRowsAreOver = sql`
  last_row = case when status = 'cancelling' then ingested_row else last_row end,
  total_count = case when status = 'cancelling' then completed_count + failed_count +
    cancelled_count + expired_count else total_count end`;

/** in_progress → finalizing, once every job has ended. */
export function startFinalizing(db: Database, id: string): Promise<boolean> {
  return transition(db, id, {
    to: 'finalizing',
    set: sql`finalizing_at = clock_timestamp(), run_next_tag = null`,
    where: allRowsEnded,
  });
}

/**
 * → in_progress. A worker then queues the failed and expired jobs again. Also returns false if the
 * batch has none. A cancelled batch stays cancelled: only a retry of one of its jobs leads back.
 */
export function startRetrying(db: Database, projectId: string, id: string): Promise<boolean> {
  return transitionWithEvent(db, id, {
    from: ['in_progress', 'finalizing', 'completed', 'expired'],
    to: 'in_progress',
    event: 'batch.in_progress',
    set: sql`retrying_since = date_trunc('milliseconds', clock_timestamp()) +
      interval '1 millisecond', finalizing_at = null, finished_at = null`,
    where: sql`project_id = ${projectId} and failed_count + expired_count > 0`,
  });
}

/** Ends the batch and records the files that were written. `failed`: Kiln gave the batch up. */
export function finishBatch(
  db: Database,
  id: string,
  to: BatchEnd,
  files: { output: string | null; error: string | null },
): Promise<boolean> {
  const from: readonly BatchStatus[] = to === 'failed' ? ['cancelling'] : batchStatusesBefore(to);
  return transitionWithEvent(db, id, {
    to,
    from: from as BatchStatusBefore<BatchEnd>[],
    event: `batch.${to}`,
    set: sql`finished_at = clock_timestamp(), output_file_id = ${files.output},
      error_file_id = ${files.error}, ${unreadRowsAreOver}`,
  });
}

/** Pauses or resumes. A worker then parks the batch's jobs, or unparks them. */
export function setBatchPaused(
  db: Database,
  projectId: string,
  id: string,
  isPaused: boolean,
): Promise<boolean> {
  return update(
    db,
    id,
    waitingBatchStatuses,
    isPaused
      ? sql`paused_at = coalesce(paused_at, clock_timestamp()), moving = case
        when status = 'in_progress' then 'park' end`
      : sql`paused_at = null, moving = case when status = 'in_progress' then 'unpark' end`,
    sql`project_id = ${projectId}`,
  );
}

/** Records that every job of the batch has been parked or unparked. */
export function endMoving(db: Database, id: string, moving: 'park' | 'unpark'): Promise<boolean> {
  return update(db, id, ['in_progress'], sql`moving = null`, sql`moving = ${moving}`);
}

/** Records that every job that had failed when the retry was requested is queued again. */
export function endRetrying(db: Database, id: string, since: Date): Promise<boolean> {
  return update(
    db,
    id,
    ['in_progress'],
    sql`retrying_since = null`,
    sql`retrying_since = ${since}::timestamptz`,
  );
}

interface Transition<To extends BatchStatus> {
  to: To;
  /** Some of the statuses that `to` may follow; all of them by default. */
  from?: readonly BatchStatusBefore<To>[];
  set: ReturnType<typeof sql>;
  where?: ReturnType<typeof sql>;
}

/** Writes an event with the batch's counts after the change. */
async function transitionWithEvent<To extends BatchStatus>(
  db: Database,
  id: string,
  change: Transition<To> & { event: BatchEventType },
): Promise<boolean> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with batch as (
      ${updateStatus(id, change)} returning id, project_id, kiln.batch_event_data(batches) as data
    ), event as (${insert.batch(change.event)})
    select from batch`,
  );
  return rows.length > 0;
}

async function transition<To extends BatchStatus>(
  db: Database,
  id: string,
  change: Transition<To>,
): Promise<boolean> {
  const { numAffectedRows } = await updateStatus(id, change).execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

function updateStatus<To extends BatchStatus>(
  id: string,
  {
    to,
    from = batchStatusesBefore(to) as BatchStatusBefore<To>[],
    set,
    where = sql`true`,
  }: Transition<To>,
) {
  return sql`update kiln.batches set status = ${to}, ${set}
    where id = ${id} and status in (${literals(from)}) and ${where}`;
}

/** Changes columns beside the status. */
async function update(
  db: Database,
  id: string,
  statuses: readonly BatchStatus[],
  set: ReturnType<typeof sql>,
  where: ReturnType<typeof sql>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.batches set ${set} where id = ${id} and status in (${literals(statuses)})
      and ${where}`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

function toJson(value: object | null): string | null {
  return value === null ? null : toStorableJson(value);
}
