/**
 * The pictures of a selection or an album, for an archive or a manifest. Which they are is decided
 * when it begins, so that marks that change meanwhile change nothing; memory holds a key for each.
 * Pictures have the names that the archive of their batch gives them; where they are of several
 * batches, each batch has a folder.
 */
import type { Breaks } from '../../event-loop.ts';
import type { Database } from '../../records/database/open-records.ts';
import { namesOfBatches } from '../../records/gallery/batch-names.ts';
import { findJobsOf } from '../../records/gallery/jobs-of-images.ts';
import {
  listChosen,
  type ChosenImage,
  type ImageChoice,
} from '../../records/gallery/selected-images.ts';
import { imagesOf } from '../../records/jobs/jobs.ts';
import {
  createFolderNames,
  createImageNames,
  type ImageNames,
} from '../batches/output/image-names.ts';
import { nameImage, rememberTrash, type PictureList } from '../batches/output/picture-list.ts';

export type { ImageChoice };

const keysAtATime = 10_000;
const jobsAtATime = 500;

/** The images of a job that were chosen. */
interface ChosenJob {
  jobId: string;
  batchId: string | null;
  indexes: Set<number>;
}

export async function picturesOfChoice(
  db: Database,
  projectId: string,
  choice: ImageChoice,
  breaks: Breaks,
): Promise<PictureList> {
  const jobs = await readJobsOf(db, projectId, choice, breaks);
  const createNames = await chooseFolders(db, jobs);
  return {
    isClosed: false,
    modifiedAt: new Date(),
    manifest: 'images',
    read: rememberTrash(async function* (reading, isTrashed) {
      const namesOf = createNames();
      for (let from = 0; from < jobs.length; from += jobsAtATime) {
        const page = jobs.slice(from, from + jobsAtATime);
        const ids = page.map(({ jobId }) => jobId);
        const rows = new Map((await findJobsOf(db, ids)).map((job) => [job.id, job]));
        const images = Map.groupBy(await imagesOf(db, ids), ({ job_id: id }) => id);
        for (const { jobId, batchId, indexes } of page) {
          if (reading.isDue()) await reading.take();
          const job = rows.get(jobId);
          const all = images.get(jobId) ?? [];
          if (job === undefined) continue;
          const pictures = all
            .filter(({ index }) => indexes.has(index))
            .map((image) => ({
              ...nameImage(namesOf(batchId), job, image, all.length),
              isTrashed: isTrashed(image),
            }));
          if (pictures.length > 0) yield { job, pictures };
        }
      }
    }),
  };
}

/** The oldest job comes first, as the rows of a batch do. */
async function readJobsOf(
  db: Database,
  projectId: string,
  choice: ImageChoice,
  breaks: Breaks,
): Promise<ChosenJob[]> {
  const jobs: ChosenJob[] = [];
  for (let after: ChosenImage | null = null; ;) {
    if (breaks.isDue()) await breaks.take();
    const page: ChosenImage[] = await listChosen(db, projectId, choice, {
      after,
      limit: keysAtATime,
    });
    for (const { jobId, batchId, index } of page) {
      const last = jobs.at(-1);
      if (last?.jobId === jobId) last.indexes.add(index);
      else jobs.push({ jobId, batchId, indexes: new Set([index]) });
    }
    if (page.length < keysAtATime) return jobs.toReversed();
    after = page.at(-1) ?? null;
  }
}

/** Each reading begins with new names, and gives the same. */
async function chooseFolders(
  db: Database,
  jobs: readonly ChosenJob[],
): Promise<() => (batchId: string | null) => ImageNames> {
  const batches = [...new Set(jobs.map(({ batchId }) => batchId))];
  const folders = new Map<string | null, string>();
  if (batches.length > 1) {
    const ids = batches.filter((id) => id !== null);
    const names = await namesOfBatches(db, ids);
    const nameFolder = createFolderNames();
    for (const id of ids) folders.set(id, nameFolder(names.get(id) ?? id));
  }
  return () => {
    const names = new Map<string | null, ImageNames>();
    return (batchId) => {
      const known = names.get(batchId) ?? createImageNames(folders.get(batchId) ?? '');
      names.set(batchId, known);
      return known;
    };
  };
}
