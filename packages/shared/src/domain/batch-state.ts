/**
 * The states of a batch: OpenAI's, with OpenAI's meaning.
 *
 *   validating   the input file is being read; nothing is dispatched yet
 *   failed       the file was not accepted; nothing was spent
 *   in_progress  its jobs are being worked on (`paused_at` is a flag beside the state)
 *   finalizing   every job has ended; the output files are being written
 *   completed · cancelled · expired   are ends; `expired` only where the caller asked for a deadline. Where a job is asked for again
 *                the batch is in_progress again, which the database sees to
 *   cancelling   queued jobs are cancelled, executing ones finish
 */
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

export const batchTransitions: Readonly<Record<BatchStatus, readonly BatchStatus[]>> = {
  validating: ['failed', 'in_progress', 'cancelling'],
  in_progress: ['finalizing', 'cancelling', 'expired'],
  finalizing: ['completed', 'expired', 'in_progress'],
  cancelling: ['cancelled'],
  failed: [],
  completed: [],
  expired: [],
  cancelled: [],
};

export function hasEnded(status: BatchStatus): boolean {
  return batchTransitions[status].length === 0;
}
