/**
 * `PATCH /v1/batches/{id}`: changes name, metadata, priority, deadline and position of a batch. A
 * worker gives its waiting jobs what concerns them (`work/advance.ts`).
 */
import { KilnError } from '../../errors.ts';
import { changeBatch } from '../../records/batches/batch-changes.ts';
import type { Batch, BatchChangeRequest } from '../../schemas/batch.ts';
import type { Caller } from '../caller.ts';
import type { BatchDeps } from './batch-deps.ts';
import { readBatch, requireBatch } from './batches.ts';
import { checkDeadline } from './input/check-deadline.ts';

/**
 * All of it is changed, or nothing. Throws `batch_not_found`, `invalid_request` for a deadline in
 * the past, and `batch_not_waiting` for a priority, deadline or position of a batch that has ended
 * or is being ended.
 */
export async function updateBatch(
  deps: BatchDeps,
  caller: Caller,
  id: string,
  { name, metadata, priority, deadline, position }: BatchChangeRequest,
): Promise<Batch> {
  checkDeadline({ deadline: deadline ?? undefined });
  const isChanged = await changeBatch(deps.db, caller.projectId, id, {
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(priority !== undefined && { priority }),
    ...(deadline !== undefined && {
      deadline: deadline === null ? null : new Date(deadline * 1000),
    }),
    runsNext: position === 'next',
  });
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isChanged) {
    const fields = { priority, deadline, position };
    const [param = 'position'] =
      Object.entries(fields).find(([, value]) => value !== undefined) ?? [];
    throw new KilnError(
      'batch_not_waiting',
      `${param}: no row of ${id} waits any more: its status is ${row.status}`,
      { param },
    );
  }
  if (row.changes.length > 0) deps.queue.enqueue(id);
  return readBatch(deps, caller, id);
}
