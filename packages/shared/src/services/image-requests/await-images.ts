/** Waits for the pictures of a job on behalf of a caller of the images API. */
import { KilnError } from '../../errors.ts';
import type { Preview } from '../../records/events/preview-events.ts';
import { imagesOf, type ImageRow, type JobRow } from '../../records/jobs/jobs.ts';
import { awaitEnd, requestCancel } from '../jobs/jobs.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { withoutLimit } from '../retry-limits.ts';
import { toOutcomeError } from './outcome-error.ts';
import type { Caller } from '../caller.ts';
import type { JobDeps } from '../jobs/job-deps.ts';

export interface WaitOptions {
  caller: Caller;
  jobId: string;
  /** Aborts when the caller disconnects or the process is asked to stop. */
  signal: AbortSignal;
}

export interface MadeImages {
  job: JobRow;
  images: ImageRow[];
}

/**
 * Resolves with the images of a finished job. Throws the error of `toOutcomeError` for a job
 * without images, or one that is unfinished after `KILN_SYNC_TIMEOUT_MS`.
 */
export async function awaitImages(
  deps: JobDeps,
  { caller, jobId, signal }: WaitOptions,
): Promise<MadeImages> {
  const { syncTimeoutMs, deployments } = deps.config;
  const job = await awaitEnd(deps, caller.projectId, jobId, syncTimeoutMs, signal);
  const because = signal.aborted
    ? 'this process is stopping'
    : `this request has waited ${syncTimeoutMs / 1000} s, the most KILN_SYNC_TIMEOUT_MS allows`;
  const refusal = toOutcomeError(job, deployments, because);
  if (refusal !== null) throw refusal;
  const images = await imagesOf(deps.db, [job.id]);
  if (images.length > 0) return { job, images };
  throw new KilnError(
    'result_unavailable',
    `${job.id} succeeded, but its images have been deleted because of their age`,
  );
}

/** What `watchImages` yields. */
export type ImageProgress =
  | { kind: 'preview'; preview: Preview }
  | { kind: 'silence' }
  | ({ kind: 'made' } & MadeImages);

/**
 * Yields previews as they are stored, `silence` when nothing arrived for `silenceMs`, and the
 * images at the end. Throws like `awaitImages`. Start it before the job can start, because earlier
 * previews are not replayed.
 */
export async function* watchImages(
  deps: JobDeps,
  options: WaitOptions,
  silenceMs: number,
): AsyncGenerator<ImageProgress> {
  const previews: Preview[] = [];
  let arrived = Promise.withResolvers<void>();
  const wait = { isOver: false };
  const notify = (): void => arrived.resolve();
  const watch = deps.waits.watchPreviews(options.jobId, (preview) => {
    previews.push(preview);
    notify();
  });
  const end = awaitImages(deps, options).finally(() => {
    wait.isOver = true;
    notify();
  });
  end.catch(() => undefined); // awaited below
  function* takePreviews(): Generator<ImageProgress> {
    for (let next = previews.shift(); next !== undefined; next = previews.shift())
      yield { kind: 'preview', preview: next };
  }
  let timer: NodeJS.Timeout | undefined;
  try {
    while (!wait.isOver) {
      let isSilent = false;
      timer = setTimeout(() => {
        isSilent = true;
        notify();
      }, silenceMs);
      await arrived.promise;
      clearTimeout(timer);
      arrived = Promise.withResolvers();
      if (isSilent) yield { kind: 'silence' };
      yield* takePreviews();
    }
    yield* takePreviews(); // previews that arrived while the caller read the last one
    yield { kind: 'made', ...(await end) };
  } finally {
    clearTimeout(timer);
    watch.cancel();
  }
}

/**
 * Cancels a job whose caller has disconnected. A call under way is paid for, so its pictures are
 * kept, but it is not repeated if it fails. Retries through any outage of the database, because no
 * caller will ask again.
 */
export async function abandonJob(deps: JobDeps, caller: Caller, id: string): Promise<void> {
  try {
    await retryWhileUnavailable(
      () => requestCancel(deps, caller, id, false),
      withoutLimit('cancel', deps.log),
    );
  } catch (error) {
    const hasEnded = error instanceof KilnError && error.code === 'job_not_cancellable';
    if (!hasEnded) throw error;
  }
}
