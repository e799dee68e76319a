/** Pictures as the API lists them, and what they are found by. */
import { answer } from '@kiln/client/client';
import type { components, paths } from '@kiln/client/openapi';
import { client } from './client.ts';

/** A picture of the wall; its id is `job_…/0`. */
export type GalleryImage = components['schemas']['Image'];

/** Which pictures: the filters of the list, and of a selection. */
export type ImageFilter = NonNullable<
  paths['/v1/selections']['post']['requestBody']['content']['application/json']['filter']
>;

/** Names the wall of a filter: in the cache, and to compare two filters. */
export function nameOfWall(filter: ImageFilter): string {
  return JSON.stringify(filter);
}

export interface ImagePage {
  data: GalleryImage[];
  has_more: boolean;
  /** False: older ones were not searched. */
  search_complete: boolean;
}

interface PartOfList {
  limit: number;
  /** What stands behind this picture. */
  after?: string;
  /** What stands in front of it. */
  before?: string;
  /** Counts and offsets begin with this picture, so that new ones do not shift the others. */
  newest?: string | undefined;
  offset?: number;
}

export async function readImages(
  filter: ImageFilter,
  { newest, ...part }: PartOfList,
  signal?: AbortSignal,
): Promise<ImagePage> {
  const query = { ...filter, ...part, ...(newest === undefined ? {} : { newest }) };
  return answer(client.GET('/v1/images', { params: { query }, signal: signal ?? null }));
}

export async function countImages(
  filter: ImageFilter,
  newest: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const query = { ...filter, ...(newest === undefined ? {} : { newest }) };
  return (await answer(client.GET('/v1/images/count', { params: { query }, signal }))).count;
}
