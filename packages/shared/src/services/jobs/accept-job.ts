/**
 * The last step of a submission: looks whether the same was made before, and writes the job with
 * its `Idempotency-Key`. Used for generations and edits alike.
 */
import { imagesOf, type JobRow, type ShownImageRow } from '../../records/jobs/jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findUsedKey } from '../../records/idempotency-keys.ts';
import { findMadeBefore, listJobsById } from '../../records/reuse/made-before.ts';
import { reusedAttemptNo, type ReusedJob } from '../../records/reuse/settle-reused.ts';
import type { DedupeMode } from '../../schemas/field-values.ts';
import type { ImageOffer, Job } from '../../schemas/job.ts';
import { editsEndpoint } from '../../domain/endpoints.ts';
import type { Caller } from '../caller.ts';
import { wakePoolsOf } from '../dispatch/wake-pools.ts';
import { fileNotFound } from '../edits/resolve-sources.ts';
import { settleKey, settleUsedKey } from '../idempotency.ts';
import { copyMadeBefore, discardCopies } from '../reuse/copy-images.ts';
import type { JobDeps, Submission } from './job-deps.ts';
import { toJob } from './job-view.ts';

/** Nothing was created: the caller chooses between what was made before and a new picture. */
export interface Offered {
  status: 'offered';
  offer: ImageOffer;
}

const mostOffered = 5;

/** The answer that the key has already; null if it has none, or there is no key. */
export async function findAnswer(
  db: Database,
  { projectId }: Caller,
  key: string | null,
  requestHash: string,
): Promise<Submission | null> {
  if (key === null) return null;
  const used = await findUsedKey<Job>(db, projectId, { key, requestHash });
  if (used.status === 'in_flight') return null;
  const { status, answer } = settleUsedKey(used);
  return { status, job: answer };
}

/** What was made before for the same request; null if nothing was. */
export async function offerMadeBefore(
  { db }: JobDeps,
  caller: Caller,
  { request_key: key }: JobRow,
): Promise<Offered | null> {
  if (key === null) return null;
  const found = (await findMadeBefore(db, caller.projectId, [key], mostOffered)).get(key) ?? [];
  const ids = found.map(({ jobId }) => jobId);
  const [rows, images] = await Promise.all([
    listJobsById(db, caller.projectId, ids),
    imagesOf(db, ids),
  ]);
  if (rows.length === 0) return null;
  const byJob = Map.groupBy(images, ({ job_id: id }) => id);
  const { baseUrl } = caller;
  return {
    status: 'offered',
    offer: {
      object: 'image.offer',
      made_before: rows.map((row) =>
        toJob(row, { images: byJob.get(row.id) ?? [], baseUrl, queue: null }),
      ),
      message:
        'the same request was made before, and nothing was made now; send it with "dedupe": ' +
        '"reuse" for a job with these pictures at no cost, or with "off" for new ones',
    },
  };
}

/**
 * Writes a job. With `reuse` it succeeds at once if the same was made before. Throws
 * `file_not_found` for a picture that was deleted meanwhile, and the errors of `settleKey`.
 */
export async function acceptJob(
  deps: JobDeps,
  caller: Caller,
  row: JobRow,
  { key, requestHash, dedupe }: { key: string | null; requestHash: string; dedupe: DedupeMode },
): Promise<Submission> {
  const [reused] = dedupe === 'reuse' ? await copyMadeBefore(deps, caller.projectId, [row]) : [];
  let mayHaveCopies = false;
  try {
    const queue = reused === undefined ? await deps.backlog.queuePositionOfNew(row) : null;
    const job =
      reused === undefined
        ? toJob(row, { images: [], baseUrl: caller.baseUrl, queue })
        : toReusedJob(row, reused, caller.baseUrl);
    const keyed = key === null ? null : { key, requestHash, answer: job };
    const fresh = { ...row, ...(queue !== null && { wait_reason: queue.reason }) };
    mayHaveCopies = true;
    const outcome = await (reused === undefined
      ? row.source_file_ids === null
        ? deps.intake.create(fresh, keyed)
        : deps.intake.createEdit(fresh, keyed)
      : deps.intake.createReused(fresh, keyed, reused));
    mayHaveCopies = outcome.status === 'created';
    if (outcome.status === 'no_files') throw fileNotFound(outcome.fileIds[0] ?? '', 'images');
    const { status, answer } = settleKey(outcome, job);
    if (status === 'created' && reused === undefined) wakePoolsOf(deps, row);
    return { status, job: answer };
  } finally {
    // If the database did not confirm the insert, the job may exist all the same. Then the copies
    // stay, and garbage collection deletes those that no job has.
    if (!mayHaveCopies && reused !== undefined) await discardCopies(deps, [reused]);
  }
}

/** The job as its first answer shows it. */
function toReusedJob(row: JobRow, { from, chosen, images }: ReusedJob, baseUrl: string): Job {
  const settled: JobRow = {
    ...row,
    status: 'succeeded',
    started_at: row.created_at,
    finished_at: row.created_at,
    reused_from: from,
    cost_actual_micros: 0,
    chosen,
  };
  const shown = images.map((image): ShownImageRow => ({
    ...image,
    job_id: row.id,
    project_id: row.project_id,
    attempt_no: reusedAttemptNo,
    created_at: row.created_at,
    batch_id: null,
    model: row.model,
    edited: row.endpoint === editsEndpoint,
    derived: row.derived_from !== null,
    cost_micros: 0,
    rating: null,
    starred: false,
    trashed_at: null,
    trashed_by: null,
    composite: null,
  }));
  return toJob(settled, { images: shown, baseUrl, queue: null });
}
