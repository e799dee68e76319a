/** Albums; a picture may be in several. */
import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { queryClient } from '../api/query-client.ts';

export type Album = components['schemas']['Album'];

/** More albums than a person keeps apart. */
const mostAlbums = 100;

export function useAlbums() {
  return useQuery({
    queryKey: keys.albums,
    queryFn: async () => {
      const query = { limit: mostAlbums };
      return (await answer(client.GET('/v1/albums', { params: { query } }))).data;
    },
  });
}

export async function createAlbum(name: string): Promise<Album> {
  const album = await answer(client.POST('/v1/albums', { body: { name } }));
  await forget();
  return album;
}

export async function changeAlbum(
  id: string,
  body: { name?: string; cover?: string | null },
): Promise<void> {
  await answer(client.PATCH('/v1/albums/{id}', { params: { path: { id } }, body }));
  await forget();
}

/** Its pictures stay. */
export async function deleteAlbum(id: string): Promise<void> {
  await answer(client.DELETE('/v1/albums/{id}', { params: { path: { id } }, keepalive: true }));
  await forget();
}

/** What pictures are in, and how many, is old. */
async function forget(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: keys.albums }),
    queryClient.invalidateQueries({ queryKey: keys.images }),
  ]);
}

/** @param images ids, 1,000 at most */
export async function addToAlbum(id: string, images: readonly string[]): Promise<void> {
  const params = { path: { id } };
  await answer(client.POST('/v1/albums/{id}/images', { params, body: { images: [...images] } }));
  await forget();
}

export async function removeFromAlbum(id: string, images: readonly string[]): Promise<void> {
  const params = { path: { id } };
  await answer(client.DELETE('/v1/albums/{id}/images', { params, body: { images: [...images] } }));
  await forget();
}
