/**
 * Lets requests wait for the end of a job and for its previews without polling the database: one
 * reader of events and one notification connection per process notify all waiting requests.
 */
import type { EventRow } from '../../records/events/event-log.ts';
import { previewChannel, readPreview, type Preview } from '../../records/events/preview-events.ts';
import type { Listener } from '../../records/database/notifications.ts';
import type { EventReader } from '../events/event-reader.ts';

export interface JobWaits {
  /**
   * Resolves when the job has ended or may have ended (read it again), the time is over, or
   * `signal` aborts. Register before reading the job, so that an end in between is not missed.
   */
  begin(
    jobId: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): { ended: Promise<void>; cancel(): void };
  /**
   * Calls `onPreview` for each preview stored from now on. Some may be missed, because a preview is
   * never a result.
   */
  watchPreviews(jobId: string, onPreview: (preview: Preview) => void): { cancel(): void };
  listener: Listener;
  /** Ends every wait. */
  close(): void;
}

/** Events that end a wait: the job has ended or is held. */
const ends: readonly string[] = [
  'job.succeeded',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'job.held',
] satisfies EventRow['type'][];

export function createJobWaits(reader: Pick<EventReader, 'watch'>): JobWaits {
  const waiters = createRegister<() => void>();
  const watchers = createRegister<(preview: Preview) => void>();
  const listener: Listener = {
    channels: {
      [previewChannel](payload) {
        const preview = readPreview(payload);
        if (preview !== null)
          for (const onPreview of watchers.get(preview.jobId)) onPreview(preview);
      },
    },
    onGap: () => undefined, // previews may be missed, and the reader finds missed events
  };
  let stopWatching: (() => void) | null = null;

  function wake(jobId: string): void {
    for (const resolve of waiters.get(jobId)) resolve();
  }

  function wakeEnded(events: readonly EventRow[]): void {
    for (const { job_id: jobId, type } of events)
      if (jobId !== null && ends.includes(type)) wake(jobId);
  }

  function wakeAll(): void {
    waiters.jobIds().forEach(wake);
  }

  return {
    begin(jobId, timeoutMs, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      const onAbort = (): void => resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      const remove = waiters.add(jobId, resolve);
      stopWatching ??= reader.watch({ onEvents: wakeEnded, onSkipped: wakeAll });

      function cancel(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        remove();
        if (waiters.jobIds().length > 0) return;
        stopWatching?.();
        stopWatching = null;
      }
      return { ended: promise.finally(cancel), cancel };
    },
    watchPreviews: (jobId, onPreview) => ({ cancel: watchers.add(jobId, onPreview) }),
    listener,
    close: wakeAll,
  };
}

/** Keeps the waiting callbacks of each job. */
function createRegister<T>() {
  const byJob = new Map<string, Set<T>>();
  return {
    get: (jobId: string): readonly T[] => [...(byJob.get(jobId) ?? [])],
    jobIds: (): readonly string[] => [...byJob.keys()],
    /** Returns a function that removes the entry. */
    add(jobId: string, one: T): () => void {
      const set = byJob.get(jobId) ?? new Set();
      byJob.set(jobId, set.add(one));
      return () => {
        set.delete(one);
        if (set.size === 0 && byJob.get(jobId) === set) byJob.delete(jobId);
      };
    },
  };
}
