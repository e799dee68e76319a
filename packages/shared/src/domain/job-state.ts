/**
 * The states of a job.
 *
 *   queued       waits in the records, or in the short window handed to the queue engine
 *   in_progress  claimed by a worker, whose lease the database's clock keeps
 *   held         its last call has an unknown outcome and the policy wants a decision
 *   succeeded · failed · cancelled · expired   are ends; failed and cancelled can be asked for again
 */
export const jobStatuses = [
  'queued',
  'in_progress',
  'held',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
] as const;

export type JobStatus = (typeof jobStatuses)[number];

/**
 * What may follow each state. `queued → failed` does not exist: only a worker that looked at a job
 * may fail it. `queued → succeeded` and
 * `held → succeeded` do: a worker that had lost the job came back with its picture.
 */
export const jobTransitions: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ['in_progress', 'succeeded', 'cancelled', 'expired'],
  // back to queued: a safe retry, or a worker that died; to cancelled: a retry that was asked to
  // stop, or a forced cancel
  in_progress: ['succeeded', 'failed', 'queued', 'held', 'cancelled'],
  held: ['queued', 'succeeded', 'failed', 'cancelled', 'expired'],
  succeeded: [],
  failed: ['queued'],
  cancelled: ['queued'],
  expired: [],
};

export const terminalJobStatuses = [
  'succeeded',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly JobStatus[];

export function isTerminal(status: JobStatus): boolean {
  return (terminalJobStatuses as readonly JobStatus[]).includes(status);
}

/** Nothing follows: unlike a job that has failed or was cancelled, it cannot be asked for again. */
export function isFinal(status: JobStatus): boolean {
  return jobTransitions[status].length === 0;
}

/** The states a job may be in for `to` to follow. */
export function statesBefore(to: JobStatus): JobStatus[] {
  return jobStatuses.filter((from) => jobTransitions[from].includes(to));
}
