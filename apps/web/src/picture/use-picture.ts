/** A picture of a job, and what is known about it. */
import { answer, ApiError } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import type { Job } from '../requests/types.ts';
import { imageKey, readImage, type ImageDetails } from './marks/marks.ts';
import { idOf, type PictureId } from './picture-id.ts';

export type JobImage = Job['images'][number];

export interface FoundPicture {
  job: Job | undefined;
  image: JobImage | undefined;
  /** Its marks, its albums and where it comes from; they come after the picture. */
  details: ImageDetails | undefined;
  /** It was deleted, or never there. */
  isGone: boolean;
  /** Why it cannot be read. */
  problem: string | null;
}

export function usePicture({ jobId, index }: PictureId): FoundPicture {
  const { data: job, error } = useQuery({
    queryKey: keys.job(jobId),
    queryFn: () => answer(client.GET('/v1/jobs/{id}', { params: { path: { id: jobId } } })),
  });
  const id = idOf({ jobId, index });
  const { data: details } = useQuery({ queryKey: imageKey(id), queryFn: () => readImage(id) });
  const image =
    job?.results_deleted_at === null ? job.images.find((each) => each.index === index) : undefined;
  return {
    job,
    image,
    details,
    isGone:
      job === undefined ? error instanceof ApiError && error.status === 404 : image === undefined,
    problem: error?.message ?? null,
  };
}
