/** The final of one image, as a job of its own. */
import { KilnError } from '../../errors.ts';
import type { JobRequest } from '../../schemas/job-request.ts';
import type { FinalsPreview, JobFinalsRequest } from '../../schemas/finals/finals.ts';
import type { ValidRow } from '../batches/input/row-columns.ts';
import type { Caller } from '../caller.ts';
import { keepImages } from '../edits/image-files.ts';
import { hashOf } from '../idempotency.ts';
import { findAnswer } from '../jobs/accept-job.ts';
import { requireImage } from '../jobs/images.ts';
import type { JobDeps, Submission } from '../jobs/job-deps.ts';
import { submitJob } from '../jobs/jobs.ts';
import {
  createFinalsSum,
  openFinalChecks,
  planFinals,
  refuseProblems,
  toPreview,
  type FinalsSum,
} from './plan-finals.ts';

/** The dry run. Throws `image_not_found`. */
export async function previewFinal(
  deps: JobDeps,
  caller: Caller,
  jobId: string,
  order: JobFinalsRequest,
): Promise<FinalsPreview> {
  return toPreview(deps.config, (await planOne(deps, caller, jobId, order)).sum, null);
}

/** Throws `image_not_found`, what `refuseProblems` throws, and like `submitJob`. */
export async function finishDraft(
  deps: JobDeps,
  caller: Caller,
  jobId: string,
  order: JobFinalsRequest,
  key: string | null,
): Promise<Submission> {
  const identity = { final: order, of: jobId };
  const used = await findAnswer(deps.db, caller, key, key === null ? '' : hashOf(identity));
  if (used !== null) return used;
  const { row, sum } = await planOne(deps, caller, jobId, order);
  refuseProblems(sum, order.max_cost);
  if (row === undefined) throw new Error(`the final of ${jobId} has neither a row nor a problem`);
  const request = await toJobRequest(deps, caller.projectId, row);
  return submitJob(deps, caller, request, key, identity);
}

async function planOne(
  deps: JobDeps,
  { projectId }: Caller,
  jobId: string,
  { index = 0, changes = {}, by = 'prompt' }: JobFinalsRequest,
): Promise<{ row: ValidRow | undefined; sum: FinalsSum }> {
  await requireImage(deps, projectId, jobId, index);
  const checks = await openFinalChecks(deps, projectId);
  const sum = createFinalsSum();
  const plan = {
    rule: { changes, by, each: 'image' },
    drafts: { images: [{ jobId, index }] },
  } as const;
  const rows: ValidRow[] = [];
  for await (const page of planFinals(deps, projectId, plan, checks, sum)) rows.push(...page);
  return { row: rows[0], sum };
}

async function toJobRequest(
  deps: JobDeps,
  projectId: string,
  { request, references: { images, mask, markup }, derivedFrom }: ValidRow,
): Promise<JobRequest> {
  const named = (id: string) => ({ file_id: id });
  const sources =
    images.length === 1 && images[0] === derivedFrom
      ? [await keepDraft(deps, projectId, images[0])]
      : images;
  return {
    ...request,
    ...(derivedFrom !== null && { derived_from: derivedFrom }),
    ...(sources.length > 0 && { images: sources.map(named) }),
    ...(mask !== null && { mask: named(mask) }),
    ...(markup !== null && { markup: named(markup) }),
  };
}

/** The id of the file with the bytes of the draft. */
async function keepDraft(deps: JobDeps, projectId: string, id: string): Promise<string> {
  const kept = (await keepImages(deps, projectId)([id])).get(id);
  if (kept?.status === 'found') return kept.source.id;
  const reason = kept?.reason ?? 'it is gone';
  throw new KilnError('image_not_found', `${id} cannot be the source of the final: ${reason}`, {
    param: 'index',
  });
}
