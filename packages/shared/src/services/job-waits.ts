/** Waiting for the end of a job without asking the database for it: one notification connection a process serves every waiter. */
import type { Logger } from '../logger.ts';
import { jobEndedChannel } from '../records/jobs.ts';
import { listen } from '../records/notifications.ts';

export interface JobWaits {
  /**
   * Resolves when the job has ended, may have ended (look again), the time is over or `signal` is aborted. Register before reading the
   * job, so that an end in between is not missed.
   */
  begin(jobId: string, timeoutMs: number, signal: AbortSignal): { ended: Promise<void>; cancel(): void };
  close(): Promise<void>;
}

export function createJobWaits(options: { databaseUrl: string; log: Logger }): JobWaits {
  const waiters = new Map<string, Set<() => void>>();
  const notifications = listen({
    ...options,
    channels: { [jobEndedChannel]: (jobId) => wake(jobId) },
    // Something may have ended while nobody listened: every waiter looks for itself.
    onGap: () => [...waiters.keys()].forEach(wake),
  });

  function wake(jobId: string): void {
    for (const resolve of waiters.get(jobId) ?? []) resolve();
  }

  return {
    begin(jobId, timeoutMs, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      signal.addEventListener('abort', () => resolve(), { once: true });
      const set = waiters.get(jobId) ?? new Set();
      waiters.set(jobId, set.add(resolve));

      function cancel(): void {
        clearTimeout(timer);
        set.delete(resolve);
        if (set.size === 0 && waiters.get(jobId) === set) waiters.delete(jobId);
      }
      return { ended: promise.finally(cancel), cancel };
    },
    async close() {
      for (const jobId of waiters.keys()) wake(jobId);
      await notifications.close();
    },
  };
}
