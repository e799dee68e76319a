/**
 * The runs of bulk actions by workers: which are due, the lease of a run, and how one ends that
 * Kiln cannot go on with. The lease only saves work: the effects of two workers on one action would
 * each be made once all the same (`chunks.ts`).
 */
import { sql } from 'kysely';
import {
  bulkActionStatusesBefore,
  openBulkActionStatuses,
} from '../../domain/gallery/bulk-action-state.ts';
import type { BulkActionError } from '../../schemas/gallery/bulk-action.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import type { BulkActionRow } from './bulk-actions.ts';

/** No worker holds it, and it does not rest after a failed run. */
export const isDue = sql`(status in (${literals(openBulkActionStatuses)})
  and (lease_expires_at is null or lease_expires_at < clock_timestamp())
  and (retry_at is null or retry_at < clock_timestamp()))`;

/**
 * The ids of the actions that a worker can go on with: the oldest of each project first, then the
 * next of each, so that a project with very many does not keep the others waiting.
 */
export async function listDueBulkActions(db: Database): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from (
      select id, row_number() over (partition by project_id order by id) as place
      from kiln.bulk_actions where ${isDue}
    ) as due order by place, id limit 1000`.execute(db);
  return rows.map(({ id }) => id);
}

/** The columns that a run needs. */
export type LeasedBulkAction = Pick<
  BulkActionRow,
  | 'id'
  | 'project_id'
  | 'run_no'
  | 'action'
  | 'params'
  | 'filter'
  | 'except_ids'
  | 'image_ids'
  | 'selected_at'
  | 'request_id'
  | 'lost_workers'
>;

/**
 * queued, running → running. Undefined if another worker has it, or it is not due. A lease that
 * lapsed without being given back counts as a lost worker.
 */
export async function leaseBulkAction(
  db: Database,
  id: string,
  leaseMs: number,
): Promise<LeasedBulkAction | undefined> {
  const { rows } = await sql<LeasedBulkAction>`
    update kiln.bulk_actions set status = 'running', run_no = run_no + 1, retry_at = null,
      started_at = coalesce(started_at, clock_timestamp()),
      lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond',
      lost_workers = lost_workers + (lease_expires_at is not null)::int
    where id = ${id} and ${isDue}
    returning id, project_id, run_no, action, params, filter, except_ids, image_ids, selected_at,
      request_id, lost_workers`.execute(db);
  return rows[0];
}

/** A run of a bulk action. Writes of an earlier run change nothing. */
type Run = Pick<LeasedBulkAction, 'id' | 'run_no'>;

/** @param leaseMs null gives the lease back */
export async function extendBulkLease(
  db: Database,
  { id, run_no: no }: Run,
  leaseMs: number | null,
): Promise<void> {
  await sql`
    update kiln.bulk_actions set lease_expires_at = clock_timestamp() + ${leaseMs}::float8 *
      interval '1 millisecond'
    where id = ${id} and run_no = ${no} and status = 'running'`.execute(db);
}

/**
 * Counts a run that an error stopped, and gives the lease back. The action rests before its next
 * run, twice as long each time. Returns the number of such runs since the last chunk.
 */
export async function recordFailedBulkRun(
  db: Database,
  { id, run_no: no }: Run,
  { pauseMs, longestMs }: { pauseMs: number; longestMs: number },
): Promise<number> {
  const { rows } = await sql<{ failed_runs: number }>`
    update kiln.bulk_actions set failed_runs = failed_runs + 1, lease_expires_at = null,
      retry_at = clock_timestamp() + interval '1 millisecond' *
        least(${longestMs}::float8, ${pauseMs}::float8 * 2 ^ least(failed_runs, 30))
    where id = ${id} and run_no = ${no} and status = 'running'
    returning failed_runs`.execute(db);
  return rows[0]?.failed_runs ?? 0;
}

/** queued, running → failed. What was changed stays changed. */
export async function failBulkAction(
  db: Database,
  id: string,
  error: BulkActionError,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.bulk_actions set status = 'failed', error = ${toStorableJson(error)}::jsonb,
      finished_at = clock_timestamp(), lease_expires_at = null
    where id = ${id} and status in (${literals(bulkActionStatusesBefore('failed'))})`.execute(db);
  return numAffectedRows === 1n;
}
