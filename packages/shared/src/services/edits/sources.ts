/** Lists the files that the stored request of an edit names. */
import type { StoredJobRequest } from '../../schemas/job-request.ts';

export interface SourceIds {
  images: string[];
  mask: string | null;
  markup: string | null;
}

export function listSources({
  images,
  mask,
  markup,
}: Pick<StoredJobRequest, 'images' | 'mask' | 'markup'>): SourceIds {
  return {
    images: (images ?? []).map(({ file_id: id }) => id),
    mask: mask?.file_id ?? null,
    markup: markup?.file_id ?? null,
  };
}

/** The ids of all files, each once; null for a generation. */
export function fileIdsOf(request: StoredJobRequest): string[] | null {
  const { images, mask, markup } = listSources(request);
  if (images.length === 0) return null;
  return [...new Set([...images, mask, markup])].filter((id) => id !== null);
}

/** How many pictures are sent to the provider. */
export function countPictures(request: StoredJobRequest): number {
  const { images, mask, markup } = listSources(request);
  return images.length + (mask === null ? 0 : 1) + (markup === null ? 0 : 1);
}
