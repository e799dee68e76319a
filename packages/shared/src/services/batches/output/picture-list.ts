/**
 * The pictures of an archive or a manifest. An archive reads its list two or three times: to
 * measure itself, to send the pictures, and to write its manifest. Pictures that are put in the
 * trash or restored meanwhile must not make these differ, so the first reading decides what is in
 * the trash.
 */
import type { Breaks } from '../../../event-loop.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { JobRow, ShownImageRow } from '../../../records/jobs/jobs.ts';
import { hasEnded } from '../../../domain/batch-state.ts';
import { createImageNames, type ImageNames } from './image-names.ts';
import { readJobs } from './output-lines.ts';

export interface NamedPicture {
  job: JobRow;
  image: ShownImageRow;
  name: string;
  /** The name of the composite, if there is one. */
  compositeName: string;
  /** The archive leaves it out, and the manifest says so. */
  isTrashed: boolean;
}

export interface JobWithPictures {
  job: JobRow;
  pictures: NamedPicture[];
}

export interface PictureList {
  /** Throws the reason of the breaks' signal, also within a page. */
  read(breaks: Breaks): AsyncGenerator<JobWithPictures>;
  /** Nothing is added while it is read, so the length of an archive can be told before. */
  isClosed: boolean;
  /** The time of the manifest in the archive. */
  modifiedAt: Date;
  /** `images`: of several batches, with a line for each image and what people think of it. */
  manifest: 'batch' | 'images';
}

/** The jobs of a batch in the order of its rows. */
export function picturesOfBatch(db: Database, batch: BatchRow): PictureList {
  return {
    isClosed: hasEnded(batch.status),
    modifiedAt: batch.finished_at ?? new Date(),
    manifest: 'batch',
    read: rememberTrash(async function* (breaks, isTrashed) {
      const names = createImageNames();
      for await (const { job, images } of readJobs(db, batch.id)) {
        if (breaks.isDue()) await breaks.take();
        const pictures = images.map((image) => ({
          ...nameImage(names, job, image, images.length),
          isTrashed: isTrashed(image),
        }));
        yield { job, pictures };
      }
    }),
  };
}

/** @param count how many images the job has */
export function nameImage(
  names: ImageNames,
  job: JobRow,
  image: ShownImageRow,
  count: number,
): Omit<NamedPicture, 'isTrashed'> {
  const position = {
    filename: job.filename,
    // A job without a batch has no row either.
    customId: job.custom_id ?? (job.batch_id === null ? job.id : null),
    row: job.row_number ?? 0,
    index: image.index,
    count,
  };
  const name = names.take({ ...position, format: image.format });
  // Taken whether it has been made or not, so that other names stay the same when it is.
  const compositeName =
    job.request.composite === undefined
      ? ''
      : names.take({ ...position, format: 'png', ending: '-composite' });
  return { job, image, name, compositeName };
}

type ReadWithTrash = (
  breaks: Breaks,
  isTrashed: (image: ShownImageRow) => boolean,
) => AsyncGenerator<JobWithPictures>;

/** Later readings find the same pictures in the trash as the first one that came to its end. */
export function rememberTrash(read: ReadWithTrash): PictureList['read'] {
  let remembered: ReadonlySet<string> | null = null;
  return async function* (breaks) {
    const known = remembered;
    const found = new Set<string>();
    yield* read(breaks, ({ job_id: jobId, index, trashed_at: trashedAt }) => {
      const id = `${jobId}/${index}`;
      if (known !== null) return known.has(id);
      if (trashedAt !== null) found.add(id);
      return trashedAt !== null;
    });
    remembered ??= found;
  };
}
