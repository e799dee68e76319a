/**
 * The states of a bulk action: one change of many images, made in chunks.
 *
 *   queued     waits for a worker: it is new, or was resumed
 *   running    a worker makes the change, chunk by chunk; when it dies, the next one goes on
 *   stopped    a caller stopped it; what was changed stays changed, and it can be resumed
 *   completed  every image was changed, or counted as a failure
 *   failed     Kiln gave it up; it can be resumed
 *
 * A chunk is written only while the state is `running`, so a stop takes hold at once.
 */
import { statusesBefore, type Transitions } from '../transitions.ts';

export const bulkActionStatuses = ['queued', 'running', 'stopped', 'completed', 'failed'] as const;

export type BulkActionStatus = (typeof bulkActionStatuses)[number];

const bulkActionTransitions = {
  queued: ['running', 'stopped', 'failed'],
  running: ['stopped', 'completed', 'failed'],
  stopped: ['queued'],
  completed: [],
  failed: ['queued'],
} as const satisfies Transitions<BulkActionStatus>;

/** A worker has something to do. */
export const openBulkActionStatuses = ['queued', 'running'] as const;

export function bulkActionStatusesBefore(to: BulkActionStatus): BulkActionStatus[] {
  return statusesBefore<BulkActionStatus>(bulkActionTransitions, to);
}
