/**
 * Copies the images of a job that was made before to another job. A copy has an object of its own,
 * so deleting, trashing or expiring one of the two jobs leaves the other as it is, and nothing has
 * to count who still needs an object. A picture whose object is gone, or has other bytes than were
 * recorded, is not reused.
 */
import { contentTypeOf } from '../../domain/content-type.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findMadeBefore, type MadeBefore } from '../../records/reuse/made-before.ts';
import { reusedAttemptNo, type ReusedJob } from '../../records/reuse/settle-reused.ts';
import type { Logger } from '../../logger.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import { keyOfImage } from '../files/object-keys.ts';
import { inParallel } from '../in-parallel.ts';

export interface ReuseDeps {
  db: Database;
  store: ObjectStore;
  log: Logger;
}

/** A new job, and the key of its request. */
export interface KeyedJob {
  id: string;
  request_key: string | null;
}

/** How many of the jobs with the same key are tried, the newest first. */
const mostTried = 3;
const copiesAtATime = 8;

/**
 * Copies images for those of the jobs whose request was made before. The others are to be made as
 * usual. Throws when the store is unavailable: a new picture would cost money.
 */
export async function copyMadeBefore(
  deps: ReuseDeps,
  projectId: string,
  jobs: readonly KeyedJob[],
): Promise<ReusedJob[]> {
  const keys = jobs.flatMap(({ request_key: key }) => key ?? []);
  const made = await findMadeBefore(deps.db, projectId, keys, mostTried);
  const reused: ReusedJob[] = [];
  await inParallel(jobs, copiesAtATime, async ({ id, request_key: key }) => {
    for (const candidate of made.get(key ?? '') ?? []) {
      const copied = await copyJob(deps, candidate, id);
      if (copied === null) continue;
      reused.push(copied);
      break;
    }
  });
  return reused;
}

async function copyJob(
  deps: ReuseDeps,
  { jobId: from, chosen, images }: MadeBefore,
  jobId: string,
): Promise<ReusedJob | null> {
  const copies: ReusedJob['images'][number][] = [];
  for (const [position, image] of images.entries()) {
    const key = keyOfImage(
      { jobId, no: reusedAttemptNo },
      { index: position, count: images.length, format: image.format },
    );
    copies.push({ ...image, index: position, object_key: key });
    if (await copyObject(deps, image, key)) continue;
    deps.log.warn({ jobId, from }, 'the images of a job made before are gone; it is not reused');
    await discardCopies(deps, [{ jobId, from, chosen, images: copies }]);
    return null;
  }
  return { jobId, from, chosen, images: copies };
}

/** False if there is no such object any more. */
async function copyObject(
  { store }: ReuseDeps,
  image: MadeBefore['images'][number],
  key: string,
): Promise<boolean> {
  const object = await store.get(image.object_key);
  if (object === null) return false;
  const stream = object.stream as AsyncIterable<Uint8Array>;
  const contentType = contentTypeOf(image.format);
  try {
    const stored = await store.put(key, stream, { contentType, expectedBytes: image.bytes });
    return stored.sha256 === image.sha256;
  } finally {
    object.stream.destroy();
  }
}

/** Deletes copies that no job has. What cannot be deleted is left to garbage collection. */
export async function discardCopies(
  { store, log }: ReuseDeps,
  reused: readonly ReusedJob[],
): Promise<void> {
  const keys = reused.flatMap(({ images }) => images.map(({ object_key: key }) => key));
  const [failure] = await deleteObjects(store, keys);
  if (failure === undefined) return;
  const [objectKey, err] = failure;
  log.warn({ err, objectKey }, 'an unused copy of an image could not be deleted');
}
