/**
 * The use cases of jobs: submit, read, wait, list, cancel, list provider calls. Each takes its
 * dependencies and the caller, throws `KilnError`, and returns what the API shows. A job is durable
 * once `submitJob` resolves. Edits are in `submit-edit.ts`, decisions in `job-decisions.ts`,
 * deletion in `delete-job.ts`; the routes of the API use them.
 */
import { z } from 'zod';
import { isTerminal } from '../../domain/job-state.ts';
import { KilnError } from '../../errors.ts';
import { isStatementTimeout } from '../../records/database/availability.ts';
import { listAttempts } from '../../records/jobs/attempts.ts';
import { cancelJob, findJob, imagesOf, listJobs, type JobRow } from '../../records/jobs/jobs.ts';
import { searchJobs, type FoundJobs, type SearchFilter } from '../../records/jobs/search-jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import { endJob, type JobEnd } from '../../records/jobs/end-job.ts';
import type { StreamableJobRequest } from '../../schemas/job-request.ts';
import type { Attempt, Job } from '../../schemas/job.ts';
import { defaultJobEvents } from '../../schemas/webhook.ts';
import { hashOf } from '../idempotency.ts';
import { toAttempt, toJob } from './job-view.ts';
import { acceptJob, findAnswer, offerMadeBefore, type Offered } from './accept-job.ts';
import { buildJob } from './new-job.ts';
import { wakePoolsOf } from '../dispatch/wake-pools.ts';
import { requireDraft } from '../edits/find-drafts.ts';
import { submitEdit } from './submit-edit.ts';
import { acceptWebhook } from '../webhooks/request-webhooks.ts';
import type { Caller } from '../caller.ts';
import type { JobDeps, Submission } from './job-deps.ts';
import { cancelledByForce } from '../cancelled-by-force.ts';
import { findOrRefuse, notFound } from '../find-or-refuse.ts';
import { refuseDeleted, requireJob } from '../require-job.ts';

/**
 * Accepts a job; once this resolves it is durable. Throws `unsupported_parameter` with every rule
 * of the model table that the request breaks, the errors of a webhook (`request-webhooks.ts`), for
 * an edit those of its pictures (`submit-edit.ts`), and for an `Idempotency-Key` that was used
 * before `idempotency_key_reused` or `idempotency_in_flight`.
 * @param identity what two requests with the same key have in common
 */
export async function submitJob(
  deps: JobDeps,
  caller: Caller,
  request: StreamableJobRequest,
  key: string | null,
  identity: object = request,
): Promise<Submission> {
  const mode = request.dedupe ?? deps.config.dedupe;
  const dedupe = mode === 'reuse' ? mode : 'off';
  const outcome = await submitOrOffer(deps, caller, { ...request, dedupe }, key, identity);
  if (outcome.status === 'offered') throw new Error('an offer was made that was not asked for');
  return outcome;
}

/**
 * The same, but with `dedupe` `offer` nothing is created if the same was made before. An offer does
 * not use the key.
 */
export async function submitOrOffer(
  deps: JobDeps,
  caller: Caller,
  request: StreamableJobRequest,
  key: string | null,
  identity: object = request,
): Promise<Submission | Offered> {
  const { images, mask, markup, derived_from: draft, dedupe: asked, ...others } = request;
  if (images !== undefined || mask !== undefined || markup !== undefined)
    return submitEdit(deps, caller, request, key, { identity });
  const requestHash = key === null ? '' : hashOf(identity);
  const dedupe = asked ?? deps.config.dedupe;
  const used = dedupe === 'off' ? null : await findAnswer(deps.db, caller, key, requestHash);
  if (used !== null) return used;
  const { webhook_url: _url, webhook_events: _events, ...plain } = others;
  const webhook = await acceptWebhook(deps, caller, request, defaultJobEvents);
  await requireDraft(deps.db, caller.projectId, draft);
  const learnt = await deps.tokenMemory.read();
  const row = {
    ...buildJob(deps, caller, plain, { learnt }),
    webhook,
    derived_from: draft ?? null,
    dedupe: dedupe === 'off' ? null : dedupe,
  };
  const offer = dedupe === 'offer' ? await offerMadeBefore(deps, caller, row) : null;
  return offer ?? acceptJob(deps, caller, row, { key, requestHash, dedupe });
}

/** Throws `job_not_found`. */
export async function readJob(deps: JobDeps, caller: Caller, id: string): Promise<Job> {
  return present(deps, caller, await requireJob(deps.db, caller.projectId, id));
}

/** Returns the job when it has ended, or its current state after `waitMs`. */
export async function awaitJob(
  deps: JobDeps,
  caller: Caller,
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<Job> {
  return present(deps, caller, await awaitEnd(deps, caller.projectId, id, waitMs, signal));
}

/**
 * Waits until the job has ended or is held, `waitMs` are over, or `signal` aborts. A wait costs one
 * query at its start and one at its end.
 */
export async function awaitEnd(
  deps: Pick<JobDeps, 'db' | 'waits'>,
  projectId: string,
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<JobRow> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const wait = deps.waits.begin(id, Math.max(0, deadline - Date.now()), signal);
    try {
      const row = await requireJob(deps.db, projectId, id);
      if (
        isTerminal(row.status) ||
        row.status === 'held' ||
        Date.now() >= deadline ||
        signal.aborted
      )
        return row;
      await wait.ended;
    } finally {
      wait.cancel();
    }
  }
}

export interface JobPage {
  jobs: Job[];
  hasMore: boolean;
  /** Only after a search. False: jobs that were not read may match as well. */
  isSearchComplete?: boolean;
  /** Where the next page begins, unless that is the last job of this one. */
  continueAfter: string | null;
}

/**
 * Throws `query_timeout` for a list that takes the database too long, and `searches_busy`. The
 * answer is empty when the caller has disconnected.
 */
export async function listJobPage(
  deps: JobDeps,
  caller: Caller,
  filter: SearchFilter,
  disconnected: AbortSignal,
): Promise<JobPage> {
  const found = await findPage(deps, caller, filter, disconnected).catch((error: unknown) =>
    disconnected.aborted ? { rows: [], continueAfter: null } : throwForSlowList(error),
  );
  const page = found.rows.slice(0, filter.limit);
  const [images, positions] = await Promise.all([
    imagesOf(
      deps.db,
      page.map(({ id }) => id),
    ),
    deps.backlog.queuePositionsOf(page.filter(({ status }) => status === 'queued')),
  ]);
  const imagesByJob = Map.groupBy(images, (image) => image.job_id);
  return {
    jobs: page.map((row) =>
      toJob(row, {
        images: imagesByJob.get(row.id) ?? [],
        baseUrl: caller.baseUrl,
        queue: positions.get(row.id) ?? null,
      }),
    ),
    hasMore: found.rows.length > filter.limit || found.continueAfter !== null,
    ...('isComplete' in found ? { isSearchComplete: found.isComplete } : {}),
    continueAfter: found.continueAfter,
  };
}

/**
 * Lists of these may read the whole table: no index finds a model that few jobs have, or the jobs
 * with a common error that pass another filter as well, and few indexes find texts.
 */
function findPage(
  { db, searches }: JobDeps,
  { projectId }: Caller,
  { q, metadata, ...filter }: SearchFilter,
  disconnected: AbortSignal,
): Promise<FoundJobs | { rows: JobRow[]; continueAfter: null }> {
  const list = async (on: Database) => ({
    rows: await listJobs(on, projectId, filter),
    continueAfter: null,
  });
  if (q !== undefined || metadata !== undefined)
    return searches.run(disconnected, (on) =>
      searchJobs(on, projectId, { ...filter, q, metadata }),
    );
  const isQuick = filter.model === undefined && filter.error_code === undefined;
  return isQuick ? list(db) : searches.run(disconnected, list);
}

/**
 * A list that was stopped at the time limit would be stopped again, so the client must narrow it
 * instead of repeating it. Any other statement is quick unless the database is stalled, and is
 * worth another try (`to-kiln-error.ts`).
 */
function throwForSlowList(error: unknown): never {
  if (!isStatementTimeout(error)) throw error;
  throw new KilnError(
    'query_timeout',
    'the database stopped this list because it took too long; narrow it with `status`, ' +
      '`batch_id` or `created_after` instead of repeating it as it is',
    { cause: error },
  );
}

export const cancelRequestSchema = z
  .strictObject({
    force: z
      .boolean()
      .optional()
      .meta({
        description:
          'End the job at once, whatever its worker does, and abort its call. A call that had ' +
          'begun may have been billed: its estimated cost counts as `at_risk` until its outcome ' +
          'is known.',
      }),
  })
  .nullish();

const forcedEnd: JobEnd = {
  status: 'cancelled',
  error: { ...cancelledByForce, param: null, moderation: null },
};

/** Throws `job_not_found`, or `job_not_cancellable` for a job that has ended. */
export async function requestCancel(
  deps: JobDeps,
  caller: Caller,
  id: string,
  force: boolean,
): Promise<Job> {
  if (force) await endJob(deps.db, { projectId: caller.projectId, id }, forcedEnd);
  const row = force
    ? await findJob(deps.db, caller.projectId, id)
    : await cancelJob(deps.db, caller.projectId, id);
  if (row === undefined) throw notFound('job', id);
  refuseDeleted(row);
  wakePoolsOf(deps, row); // its slot in the dispatch window may be free
  if (isTerminal(row.status) && row.status !== 'cancelled') {
    throw new KilnError(
      'job_not_cancellable',
      `${id} has already ended: its status is ${row.status}`,
    );
  }
  return present(deps, caller, row);
}

/** Returns the provider calls of a job, oldest first, also those of a deleted job. */
export async function readAttempts(deps: JobDeps, caller: Caller, id: string): Promise<Attempt[]> {
  await findOrRefuse('job', id, findJob(deps.db, caller.projectId, id));
  return (await listAttempts(deps.db, id)).map(toAttempt);
}

async function present(deps: JobDeps, caller: Caller, row: JobRow): Promise<Job> {
  const images = row.status === 'succeeded' ? await imagesOf(deps.db, [row.id]) : [];
  const positions = row.status === 'queued' ? await deps.backlog.queuePositionsOf([row]) : null;
  const queue = positions?.get(row.id) ?? null;
  return toJob(row, { images, baseUrl: caller.baseUrl, queue });
}
