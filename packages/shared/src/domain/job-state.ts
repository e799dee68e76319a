/**
 * The states of a job.
 *
 *   queued       waits in the records, or in the short window that the queue engine holds
 *   in_progress  a worker has claimed it; the database's clock decides when its lease ends
 *   held         its last call has an unknown outcome, and the policy wants a person's decision
 *   succeeded    it has its pictures; nothing follows
 *   failed · cancelled   it has ended, and can be retried
 *   expired      it still waited at its deadline; only a retry of its batch queues it again
 */
import { statusesBefore, type StatusBefore, type Transitions } from './transitions.ts';

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
 * What may follow each status. A worker fails only what it has claimed; `queued → failed` exists
 * for jobs of which the database refuses each claim. `queued → succeeded` and `held → succeeded`
 * exist because a worker that had lost the job may come back with its picture.
 */
export const jobTransitions = {
  queued: ['in_progress', 'succeeded', 'failed', 'cancelled', 'expired'],
  // `queued` follows a safe retry or the death of the worker. `cancelled` follows a cancel that was
  // requested before a retry, or forced.
  in_progress: ['succeeded', 'failed', 'queued', 'held', 'cancelled'],
  held: ['queued', 'succeeded', 'failed', 'cancelled', 'expired'],
  succeeded: [],
  failed: ['queued'],
  cancelled: ['queued'],
  expired: ['queued'],
} as const satisfies Transitions<JobStatus>;

export type JobStatusBefore<To extends JobStatus> = StatusBefore<typeof jobTransitions, To>;

export function jobStatusesBefore(to: JobStatus): JobStatus[] {
  return statusesBefore<JobStatus>(jobTransitions, to);
}

export const terminalJobStatuses = [
  'succeeded',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly JobStatus[];

/** The job has ended. Unless it succeeded, a retry may queue it again. */
export function isTerminal(status: JobStatus): boolean {
  return (terminalJobStatuses as readonly JobStatus[]).includes(status);
}

export const openJobStatuses: readonly JobStatus[] = jobStatuses.filter(
  (status) => !isTerminal(status),
);

/** The statuses of jobs that wait: cancelling one ends it at once. */
export const waitingJobStatuses: readonly JobStatus[] = jobStatusesBefore('cancelled').filter(
  (status) => status !== 'in_progress',
);

/** Nothing can follow this status. */
export function isFinal(status: JobStatus): boolean {
  return jobTransitions[status].length === 0;
}
