/** Pictures as the API lists them, and what they are found by. */
import { answer } from '@kiln/client/client';
import { client } from './client.ts';

/** A picture of the wall. */
export interface GalleryImage {
  /** `job_…/0` */
  id: string;
  job_id: string;
  index: number;
  batch_id: string | null;
  custom_id: string | null;
  model: string;
  edited: boolean;
  width: number;
  height: number;
  format: string;
  bytes: number;
  thumbhash: string | null;
  rating: number | null;
  starred: boolean;
  albums: string[];
  created_at: number;
  trashed_at: number | null;
  url: string;
  thumbnail_url: string | null;
  /** Its beginning. */
  prompt: string;
}

/** Which pictures: the filters of the list, and of a selection. */
export interface ImageFilter {
  batch_id?: string;
  job_id?: string;
  model?: string;
  q?: string;
  custom_id?: string;
  metadata?: Record<string, string>;
  rating?: number;
  rating_min?: number;
  unrated?: boolean;
  starred?: boolean;
  album_id?: string;
  no_album?: boolean;
  size?: string;
  created_after?: number;
  created_before?: number;
  edited?: boolean;
  derived?: boolean;
  trashed?: boolean;
}

export interface ImagePage {
  data: GalleryImage[];
  has_more: boolean;
}

export interface Window {
  limit: number;
  /** Counts and offsets begin with this picture, so that new ones do not shift the others. */
  newest?: string | undefined;
  offset?: number;
}

interface Untyped {
  GET: (
    path: string,
    init: object,
  ) => Promise<{ data?: never; error?: unknown; response: Response }>;
}
const untyped = client as unknown as Untyped;

export async function readImages(
  filter: ImageFilter,
  window: Window,
  signal?: AbortSignal,
): Promise<ImagePage> {
  return answer(untyped.GET('/v1/images', { params: { query: { ...filter, ...window } }, signal }));
}

export async function countImages(
  filter: ImageFilter,
  newest: string | undefined,
  signal?: AbortSignal,
): Promise<number> {
  const query = { ...filter, newest };
  const { count } = await answer(
    untyped.GET('/v1/images/count', { params: { query }, signal }) as unknown as Promise<{
      data: { count: number };
      response: Response;
    }>,
  );
  return count;
}
