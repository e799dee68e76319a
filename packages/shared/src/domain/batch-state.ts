/**
 * The states of a batch. They are those of OpenAI, with the same meaning.
 *
 *   validating   a worker reads the input file; no job exists yet
 *   failed       the file was refused and nothing was spent, or an error in Kiln stopped each run
 *                of a step; the jobs that had ended by then keep their pictures
 *   in_progress  its jobs are being worked on (a pause is a column, not a state)
 *   finalizing   every job has ended; a worker writes the output files
 *   cancelling   queued jobs are being cancelled; jobs that execute finish
 *   completed · expired · cancelled   it has ended; `expired` only with a deadline
 *
 * A retry of one of its jobs puts a batch that has ended back in progress. A trigger on `kiln.jobs`
 * does so in the same transaction.
 */
import { statusesBefore, type StatusBefore, type Transitions } from './transitions.ts';

export const batchStatuses = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;

export type BatchStatus = (typeof batchStatuses)[number];

export const batchTransitions = {
  validating: ['failed', 'in_progress', 'cancelling'],
  // `in_progress` may follow itself: a caller retries failed rows while others are still open.
  in_progress: ['in_progress', 'finalizing', 'cancelling'],
  finalizing: ['completed', 'expired', 'in_progress', 'failed'],
  // `failed` if Kiln gave the batch up.
  cancelling: ['cancelled', 'failed'],
  failed: ['in_progress'],
  completed: ['in_progress'],
  expired: ['in_progress'],
  cancelled: ['in_progress'],
} as const satisfies Transitions<BatchStatus>;

export type BatchStatusBefore<To extends BatchStatus> = StatusBefore<typeof batchTransitions, To>;

export function batchStatusesBefore(to: BatchStatus): BatchStatus[] {
  return statusesBefore<BatchStatus>(batchTransitions, to);
}

/** The statuses of batches that may still have work for a worker. */
export const openBatchStatuses = [
  'validating',
  'in_progress',
  'finalizing',
  'cancelling',
] as const satisfies readonly BatchStatus[];

export function hasEnded(status: BatchStatus): boolean {
  return !(openBatchStatuses as readonly BatchStatus[]).includes(status);
}
