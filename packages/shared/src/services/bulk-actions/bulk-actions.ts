/**
 * Use cases of bulk actions: create, read, list, stop, resume, undo. A bulk action is durable once
 * `createBulkAction` resolves; a worker makes the change (`bulk-runner.ts`).
 */
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import {
  findBulkAction,
  insertBulkAction,
  listBulkActions,
  resumeBulkAction,
  stopBulkAction,
  type NewBulkAction,
  type ShownBulkAction,
} from '../../records/bulk-actions/bulk-actions.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { BulkAction, BulkActionRequest } from '../../schemas/gallery/bulk-action.ts';
import type { BatchDeps } from '../batches/batch-deps.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse } from '../find-or-refuse.ts';
import { requireSelection } from '../gallery/selections.ts';
import { hashOf, settleKey } from '../idempotency.ts';
import { toBulkAction } from './bulk-action-view.ts';
import { makeAgain } from './make-again.ts';

export interface BulkActionDeps {
  db: Database;
  /** Make the batch of an action `again`. */
  batches: BatchDeps;
}

export type BulkActionCreation = { status: 'created' | 'replayed'; action: BulkAction };

/**
 * Throws `selection_not_found`, `invalid_request` for a selection that the action cannot be made
 * of, the two errors of an `Idempotency-Key`, and for `again` those of `makeAgain`.
 */
export async function createBulkAction(
  deps: BulkActionDeps,
  caller: Caller,
  request: BulkActionRequest,
  key: string | null,
): Promise<BulkActionCreation> {
  const { action, params } = request;
  const chosen = await choose(deps, caller, request);
  const columns = { ...chosen, action, params };
  if (action !== 'again') return insert(deps, caller, columns, { key, request });
  // The key of the batch follows from the caller's: a repeated request finds the batch that it made
  // before it was cut off.
  const batchKey = key === null ? null : hashOf({ again: key });
  const batch = await makeAgain(deps.batches, caller, columns, batchKey);
  const at = new Date();
  const ended = { status: 'completed', started_at: at, finished_at: at } as const;
  const made = { ...columns, ...ended, done_count: columns.total, result: { batch_id: batch.id } };
  return insert(deps, caller, made, { key, request });
}

type Chosen = Pick<
  NewBulkAction,
  'selection_id' | 'filter' | 'except_ids' | 'image_ids' | 'selected_at' | 'total'
>;

async function choose(
  deps: BulkActionDeps,
  { projectId }: Caller,
  { action, selection_id: selectionId, images = [] }: BulkActionRequest,
): Promise<Chosen> {
  if (selectionId === undefined) {
    const ids = [...new Set(images)];
    return { ...ofImages(ids), selection_id: null, selected_at: new Date() };
  }
  const selection = await requireSelection(deps, projectId, selectionId);
  const { image_ids: ids, filter, created_at: selectedAt } = selection;
  const common = { selection_id: selectionId, selected_at: selectedAt };
  if (ids !== null) return { ...ofImages(ids), ...common };
  const isTrash = filter?.trashed === true;
  if (isTrash !== (action === 'restore'))
    throw new KilnError(
      'invalid_request',
      isTrash
        ? 'selection_id: the selection is of the trash; use the action `restore` first'
        : 'selection_id: the selection is not of the trash; to restore, select with the filter ' +
            '`trashed`',
      { param: 'selection_id' },
    );
  return {
    ...common,
    filter,
    except_ids: selection.except_ids,
    image_ids: null,
    total: selection.count,
  };
}

function ofImages(ids: string[]) {
  return { filter: null, except_ids: null, image_ids: ids, total: ids.length };
}

/** @param keyed the request that an `Idempotency-Key` stands for; a key of null: there is none */
async function insert(
  { db }: BulkActionDeps,
  caller: Caller,
  columns: Chosen & Pick<NewBulkAction, 'action' | 'params'> & Partial<NewBulkAction>,
  { key, request }: { key: string | null; request: object },
): Promise<BulkActionCreation> {
  const row: NewBulkAction = {
    id: buildId('blk'),
    project_id: caller.projectId,
    request_id: caller.requestId,
    created_at: new Date(),
    status: 'queued',
    done_count: 0,
    result: null,
    started_at: null,
    finished_at: null,
    ...columns,
  };
  const made = toBulkAction({ failed_count: 0, failures: [], error: null, ...row });
  const keyed =
    key === null ? null : { key, requestHash: hashOf({ bulk_action: request }), answer: made };
  const { status, answer } = settleKey(await insertBulkAction(db, row, keyed), made);
  return { status, action: answer };
}

/** Throws `bulk_action_not_found`. */
export async function readBulkAction(
  deps: BulkActionDeps,
  caller: Caller,
  id: string,
): Promise<BulkAction> {
  return toBulkAction(await requireBulkAction(deps, caller, id));
}

export async function listBulkActionPage(
  { db }: BulkActionDeps,
  { projectId }: Caller,
  query: { after?: string | undefined; limit: number },
): Promise<{ actions: BulkAction[]; hasMore: boolean }> {
  const rows = await listBulkActions(db, projectId, query);
  return {
    actions: rows.slice(0, query.limit).map(toBulkAction),
    hasMore: rows.length > query.limit,
  };
}

/**
 * When this resolves, the action changes nothing any more. Throws `bulk_action_not_found`, or
 * `bulk_action_ended` for one that has ended; stopping a stopped one changes nothing.
 */
export async function stop(deps: BulkActionDeps, caller: Caller, id: string): Promise<BulkAction> {
  const isStopped = await stopBulkAction(deps.db, caller.projectId, id);
  const row = await requireBulkAction(deps, caller, id);
  if (!isStopped && row.status !== 'stopped')
    throw new KilnError(
      'bulk_action_ended',
      `${id} cannot be stopped: its status is ${row.status}`,
      { param: 'id' },
    );
  return toBulkAction(row);
}

/**
 * The action goes on after the last image that was done. Throws `bulk_action_not_found`, or
 * `bulk_action_ended` for one that has completed; resuming an open one changes nothing.
 */
export async function resume(
  deps: BulkActionDeps,
  caller: Caller,
  id: string,
): Promise<BulkAction> {
  await resumeBulkAction(deps.db, caller.projectId, id);
  const row = await requireBulkAction(deps, caller, id);
  if (row.status === 'completed')
    throw new KilnError('bulk_action_ended', `${id} cannot be resumed: it has completed`, {
      param: 'id',
    });
  return toBulkAction(row);
}

/**
 * Stops an action `trash`, and creates one that restores the images that it put in the trash, and
 * no others. Throws `bulk_action_not_found`; `invalid_request` for another action; the two errors
 * of an `Idempotency-Key`.
 */
export async function undo(
  deps: BulkActionDeps,
  caller: Caller,
  id: string,
  key: string | null,
): Promise<BulkActionCreation> {
  const { action } = await requireBulkAction(deps, caller, id);
  if (action !== 'trash')
    throw new KilnError(
      'invalid_request',
      `${id} cannot be undone: it is an action "${action}"; only "trash" can be undone`,
      { param: 'id' },
    );
  await stopBulkAction(deps.db, caller.projectId, id);
  const { done_count: done, selection_id: selectionId } = await requireBulkAction(deps, caller, id);
  return insert(
    deps,
    caller,
    {
      action: 'restore',
      params: { undo_of: id },
      selection_id: selectionId,
      filter: null,
      except_ids: null,
      image_ids: null,
      selected_at: new Date(),
      total: done,
    },
    { key, request: { undo_of: id } },
  );
}

function requireBulkAction(
  { db }: BulkActionDeps,
  { projectId }: Caller,
  id: string,
): Promise<ShownBulkAction> {
  return findOrRefuse('bulk action', id, findBulkAction(db, projectId, id));
}
