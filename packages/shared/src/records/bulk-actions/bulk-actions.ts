/**
 * Rows of bulk actions: create, find, list, stop, resume. `bulk-action-runs.ts` has what workers
 * do to them, `chunks.ts` their effects.
 */
import { sql, type Selectable } from 'kysely';
import { bulkActionStatusesBefore } from '../../domain/gallery/bulk-action-state.ts';
import type { BulkAction } from '../../schemas/gallery/bulk-action.ts';
import { retryWhileUnavailable } from '../database/availability.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';
import {
  claimKey,
  resolveUsedKey,
  type CreateOutcome,
  type KeyedRequest,
} from '../idempotency-keys.ts';

export type BulkActionRow = Selectable<Schema['kiln.bulk_actions']>;

/** Notified when a bulk action waits for a worker. */
export const bulkActionsChannel = 'kiln_bulk_actions';

const notifyWorkers = sql`pg_notify(${sql.lit(bulkActionsChannel)}, '')`;

/** Columns of a new bulk action, which may be one that has completed. */
export type NewBulkAction = Pick<
  BulkActionRow,
  | 'id'
  | 'project_id'
  | 'action'
  | 'params'
  | 'selection_id'
  | 'filter'
  | 'except_ids'
  | 'image_ids'
  | 'selected_at'
  | 'status'
  | 'total'
  | 'done_count'
  | 'result'
  | 'request_id'
  | 'created_at'
  | 'started_at'
  | 'finished_at'
>;

/** The insert may be repeated after a lost answer: it writes the action once. */
export function insertBulkAction(
  db: Database,
  action: NewBulkAction,
  keyed: KeyedRequest<BulkAction> | null,
): Promise<CreateOutcome<BulkAction>> {
  const claimed = keyed === null ? sql`select` : claimKey(action.project_id, keyed, 202);
  return retryWhileUnavailable(() =>
    db.transaction().execute(async (transaction) => {
      const { rows } = await sql`
        with claimed as (${claimed}),
        written as (
          insert into kiln.bulk_actions (id, project_id, action, params, selection_id, filter,
            except_ids, image_ids, selected_at, status, total, done_count, result, request_id,
            created_at, started_at, finished_at)
          select ${action.id}, ${action.project_id}, ${action.action},
            ${toStorableJson(action.params)}::jsonb, ${action.selection_id},
            ${action.filter === null ? null : toStorableJson(action.filter)}::jsonb,
            ${action.except_ids}::text[], ${action.image_ids}::text[],
            ${action.selected_at}::timestamptz, ${action.status}, ${action.total}::int,
            ${action.done_count}::int,
            ${action.result === null ? null : toStorableJson(action.result)}::jsonb,
            ${action.request_id}, ${action.created_at}::timestamptz,
            ${action.started_at}::timestamptz, ${action.finished_at}::timestamptz
          from claimed on conflict (id) do nothing returning id)
        select ${notifyWorkers} from written`.execute(transaction);
      if (rows.length > 0 || keyed === null) return { status: 'created' };
      return resolveUsedKey(transaction, action.project_id, keyed);
    }),
  );
}

/** The columns that the API shows. The ids of chosen images are left out: they are many. */
const shownColumns = [
  'id',
  'action',
  'params',
  'selection_id',
  'status',
  'total',
  'done_count',
  'failed_count',
  'failures',
  'error',
  'result',
  'created_at',
  'started_at',
  'finished_at',
] as const;

export type ShownBulkAction = Pick<BulkActionRow, (typeof shownColumns)[number]>;

export function findBulkAction(
  db: Database,
  projectId: string,
  id: string,
): Promise<ShownBulkAction | undefined> {
  return db
    .selectFrom('kiln.bulk_actions')
    .select(shownColumns)
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Newest first. Returns one row more than `limit` if there are more. */
export function listBulkActions(
  db: Database,
  projectId: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<ShownBulkAction[]> {
  let query = db
    .selectFrom('kiln.bulk_actions')
    .select(shownColumns)
    .where('project_id', '=', projectId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (after !== undefined) query = query.where('id', '<', after);
  return query.execute();
}

/**
 * queued, running → stopped. Waits for the chunk that is being written, and nothing is written
 * after it. False if the action has none of these states.
 */
export async function stopBulkAction(
  db: Database,
  projectId: string,
  id: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.bulk_actions set status = 'stopped', finished_at = clock_timestamp(),
      lease_expires_at = null
    where id = ${id} and project_id = ${projectId}
      and status in (${literals(bulkActionStatusesBefore('stopped'))})`.execute(db);
  return numAffectedRows === 1n;
}

/** stopped, failed → queued. It goes on after the last image that was done. */
export async function resumeBulkAction(
  db: Database,
  projectId: string,
  id: string,
): Promise<boolean> {
  const { rows } = await sql`
    with resumed as (
      update kiln.bulk_actions set status = 'queued', finished_at = null, error = null,
        failed_runs = 0, lost_workers = 0, retry_at = null
      where id = ${id} and project_id = ${projectId}
        and status in (${literals(bulkActionStatusesBefore('queued'))})
      returning id)
    select ${notifyWorkers} from resumed`.execute(db);
  return rows.length === 1;
}
