/** The id of an image: its job and its index in it, such as `job_019f…/0`. */
import { z } from 'zod';
import { imageIdForm } from '../../domain/gallery/image-id.ts';

export interface ImageKey {
  jobId: string;
  index: number;
}

export const imageIdSchema = z.string().regex(imageIdForm, {
  error: 'takes the id of an image, such as job_019f2b7c8d9e7a6b8c9d0e1f2a3b4c5d/0',
});

/** @param id passes `imageIdSchema` */
export function parseImageId(id: string): ImageKey {
  const [, jobId = '', index] = imageIdForm.exec(id) ?? [];
  return { jobId, index: Number(index) };
}

export function toImageId({ jobId, index }: ImageKey): string {
  return `${jobId}/${index}`;
}
