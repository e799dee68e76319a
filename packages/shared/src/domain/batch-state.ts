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
import { jobStatuses } from './job-state.ts';
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

/** What a worker still gives to the waiting jobs of a batch. */
export type BatchChange = 'priority' | 'deadline' | 'position';

/** The statuses in which jobs of a batch wait, or will. */
export const waitingBatchStatuses = [
  'validating',
  'in_progress',
] as const satisfies readonly BatchStatus[];

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

/**
 * The states of a row of the input file. `waiting`: no worker has made a job of it yet. `invalid`:
 * Kiln refused it, so it is no job. Otherwise the state of its job; a row that no worker had read
 * when its batch was cancelled is `cancelled`, too.
 */
export const rowStatuses = ['waiting', ...jobStatuses, 'invalid'] as const;

export type RowStatus = (typeof rowStatuses)[number];

export function isRowStatus(text: string): text is RowStatus {
  return (rowStatuses as readonly string[]).includes(text);
}
