/** The pictures of a job, for a caller who waits for them. */
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
  /** Aborted when the caller has hung up or the process is asked to stop. */
  signal: AbortSignal;
}

export interface MadeImages {
  job: JobRow;
  images: ImageRow[];
}

/**
 * Throws what `toOutcomeError` makes of a job that has none, or has none yet when
 * `KILN_SYNC_TIMEOUT_MS` are over.
 */
export async function awaitImages(
  deps: JobDeps,
  { caller, jobId, signal }: WaitOptions,
): Promise<MadeImages> {
  const { syncTimeoutMs, deployments } = deps.config;
  const job = await awaitEnd(deps, caller.projectId, jobId, syncTimeoutMs, signal);
  const because = signal.aborted
    ? 'this process is stopping'
    : `it was waited for ${syncTimeoutMs / 1000} s, which is as long as this answer may take`;
  const refusal = toOutcomeError(job, deployments, because);
  if (refusal !== null) throw refusal;
  const images = await imagesOf(deps.db, [job.id]);
  if (images.length > 0) return { job, images };
  throw new KilnError(
    'result_unavailable',
    `${job.id} has succeeded, and its images were deleted by age`,
  );
}

/** What a caller who watches is told of. */
export type ImageProgress =
  | { kind: 'preview'; preview: Preview }
  | { kind: 'silence' }
  | ({ kind: 'made' } & MadeImages);

/**
 * Previews as they are stored, `silence` where nothing has come for `silenceMs`, and the images at
 * the end. Throws as `awaitImages` does. Begin it before the job can have started.
 */
export async function* watchImages(
  deps: JobDeps,
  patience: WaitOptions,
  silenceMs: number,
): AsyncGenerator<ImageProgress> {
  const previews: Preview[] = [];
  let heard = Promise.withResolvers<void>();
  const wait = { isOver: false };
  const tell = (): void => heard.resolve();
  const watch = deps.waits.watchPreviews(patience.jobId, (preview) => {
    previews.push(preview);
    tell();
  });
  const end = awaitImages(deps, patience).finally(() => {
    wait.isOver = true;
    tell();
  });
  end.catch(() => undefined); // awaited below
  function* heardSoFar(): Generator<ImageProgress> {
    for (let next = previews.shift(); next !== undefined; next = previews.shift())
      yield { kind: 'preview', preview: next };
  }
  let timer: NodeJS.Timeout | undefined;
  try {
    while (!wait.isOver) {
      let isSilent = false;
      timer = setTimeout(() => {
        isSilent = true;
        tell();
      }, silenceMs);
      await heard.promise;
      clearTimeout(timer);
      heard = Promise.withResolvers();
      if (isSilent) yield { kind: 'silence' };
      yield* heardSoFar();
    }
    yield* heardSoFar(); // what came while the caller took the one before
    yield { kind: 'made', ...(await end) };
  } finally {
    clearTimeout(timer);
    watch.cancel();
  }
}

/**
 * Nobody waits for the job any more: it is cancelled while it waits. A call that is under way is
 * paid for, so its pictures are kept; it is not repeated where it fails. Nobody asks for this
 * again, so an outage of the database is waited out, however long.
 */
export async function abandonJob(deps: JobDeps, caller: Caller, id: string): Promise<void> {
  try {
    await retryWhileUnavailable(
      () => requestCancel(deps, caller, id, false),
      withoutLimit('cancel', deps.log),
    );
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'job_not_cancellable')) throw error; // it has ended: so much the better
  }
}
