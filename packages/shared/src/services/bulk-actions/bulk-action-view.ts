/** Converts the record of a bulk action to the bulk action of the API. */
import { toSeconds, toSecondsOrNull } from '../../domain/unix-seconds.ts';
import type { ShownBulkAction } from '../../records/bulk-actions/bulk-actions.ts';
import type { BulkAction } from '../../schemas/gallery/bulk-action.ts';

export function toBulkAction(row: ShownBulkAction): BulkAction {
  return {
    id: row.id,
    object: 'bulk_action',
    action: row.action,
    params: row.params,
    selection_id: row.selection_id,
    status: row.status,
    total: row.total,
    done: row.done_count,
    failed: row.failed_count,
    failures: row.failures,
    created_at: toSeconds(row.created_at),
    started_at: toSecondsOrNull(row.started_at),
    finished_at: toSecondsOrNull(row.finished_at),
    error: row.error,
    result: row.result,
  };
}
