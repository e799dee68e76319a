/**
 * The action `again`: a new batch with the requests that made the images, once for each job. It is
 * made while the caller waits, so that a request that cannot be repeated, or is too dear, is
 * refused and leaves nothing behind.
 */
import { listChosen } from '../../records/gallery/selected-images.ts';
import type { Batch } from '../../schemas/batch.ts';
import { parseImageId } from '../../schemas/gallery/image-id.ts';
import type { BatchDeps } from '../batches/batch-deps.ts';
import type { Caller } from '../caller.ts';
import { createFinals } from '../finals/create-finals.ts';
import type { NewBulkAction } from '../../records/bulk-actions/bulk-actions.ts';

type Chosen = Pick<NewBulkAction, 'filter' | 'except_ids' | 'image_ids' | 'selected_at' | 'params'>;

const imagesAtATime = 5_000;

/** Throws what `createFinals` throws. */
export async function makeAgain(
  deps: BatchDeps,
  caller: Caller,
  chosen: Chosen,
  key: string | null,
): Promise<Batch> {
  const { max_cost: maxCost } = chosen.params;
  const { batch } = await createFinals(
    deps,
    caller,
    {
      select: { jobs: await jobsOf(deps, caller.projectId, chosen) },
      each: 'job',
      ...(maxCost !== undefined && { max_cost: maxCost }),
    },
    key,
  );
  return batch;
}

/** The jobs of the images, one more than a batch can have rows at most. */
async function jobsOf(
  { db, config }: BatchDeps,
  projectId: string,
  { filter, except_ids: exceptIds, image_ids: imageIds, selected_at: selectedAt }: Chosen,
): Promise<string[]> {
  if (imageIds !== null) return [...new Set(imageIds.map((id) => parseImageId(id).jobId))];
  const choice = { filter, exceptIds: exceptIds ?? [], imageIds: null, selectedAt };
  const jobs = new Set<string>();
  for (let after = null; jobs.size <= config.maxBatchRows;) {
    const keys = await listChosen(db, projectId, choice, { after, limit: imagesAtATime });
    for (const { jobId } of keys) jobs.add(jobId);
    after = keys.at(-1) ?? null;
    if (keys.length < imagesAtATime) break;
  }
  return [...jobs];
}
