/**
 * The door of Create for other places: a job is laid into the form to be changed, or a picture
 * becomes a source. The form may not be shown yet; it finds what was laid there.
 */
import { address } from '../../api/client.ts';
import { idOf, type PictureId } from '../../picture/picture-id.ts';
import { draft } from './draft/draft.ts';
import { draftOfJob } from './draft/to-request.ts';
import type { Job } from './draft/types.ts';
import { addResult, replacePictures } from './pictures/add-pictures.ts';

/** Puts the request of a job into the form, with its pictures, its mask and its markup. */
export function layIntoForm(job: Job): void {
  const { images = [], mask, markup } = job.request;
  draft.set(draftOfJob(job));
  void replacePictures(
    images.map(({ file_id: fileId }) => fileId),
    { maskId: mask?.file_id ?? null, markupId: markup?.file_id ?? null },
  );
}

/** Adds a picture of a job to the pictures of the form. Throws where its bytes cannot be read. */
export async function addAsSource(picture: PictureId, format: string): Promise<void> {
  const { jobId, index } = picture;
  const name = `${idOf(picture).replace('/', '-')}.${format}`;
  await addResult(address(`v1/jobs/${jobId}/images/${index}`), name);
}
