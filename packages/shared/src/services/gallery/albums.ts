/** The use cases of albums. Deleting an album keeps its images. */
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import {
  addToAlbum,
  deleteAlbum,
  findAlbum,
  insertAlbum,
  isInAlbum,
  listAlbums,
  removeFromAlbum,
  updateAlbum,
} from '../../records/gallery/albums.ts';
import type { Album, AlbumChange } from '../../schemas/gallery/album.ts';
import { parseImageId, toImageId } from '../../schemas/gallery/image-id.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse, notFound } from '../find-or-refuse.ts';
import type { GalleryDeps } from './gallery-deps.ts';
import { toAlbum } from './image-view.ts';

const maxAlbums = 1_000;

type AlbumDeps = Pick<GalleryDeps, 'db'>;

/** Throws `too_many_albums`. */
export async function createAlbum(deps: AlbumDeps, caller: Caller, name: string): Promise<Album> {
  const id = buildId('alb');
  if (!(await insertAlbum(deps.db, { id, projectId: caller.projectId, name }, maxAlbums)))
    throw new KilnError(
      'too_many_albums',
      `there are ${maxAlbums} albums, the most a project has; delete one first`,
    );
  return readAlbum(deps, caller, id);
}

/** Each of these throws `album_not_found`. */
export async function readAlbum({ db }: AlbumDeps, caller: Caller, id: string): Promise<Album> {
  const row = await findOrRefuse('album', id, findAlbum(db, caller.projectId, id));
  return toAlbum(row, caller.baseUrl);
}

export async function listAlbumPage(
  { db }: AlbumDeps,
  { projectId, baseUrl }: Caller,
  page: { after?: string | undefined; limit: number },
): Promise<{ albums: Album[]; hasMore: boolean }> {
  const rows = await listAlbums(db, projectId, { after: page.after, limit: page.limit });
  return {
    albums: rows.slice(0, page.limit).map((row) => toAlbum(row, baseUrl)),
    hasMore: rows.length > page.limit,
  };
}

/** Throws `image_not_found` for a cover that is not in the album. */
export async function changeAlbum(
  deps: AlbumDeps,
  caller: Caller,
  id: string,
  { name, cover }: AlbumChange,
): Promise<Album> {
  await readAlbum(deps, caller, id);
  const key = typeof cover === 'string' ? parseImageId(cover) : cover;
  if (key !== undefined && key !== null && !(await isInAlbum(deps.db, id, key)))
    throw new KilnError('image_not_found', `${toImageId(key)} is not in the album ${id}`, {
      param: 'cover',
    });
  await updateAlbum(deps.db, caller.projectId, id, { name, cover: key });
  return readAlbum(deps, caller, id);
}

export async function removeAlbum({ db }: AlbumDeps, caller: Caller, id: string): Promise<void> {
  if (!(await deleteAlbum(db, caller.projectId, id))) throw notFound('album', id);
}

/** Adds all of the images or none. Throws `image_not_found` for the first that does not exist. */
export async function addImages(
  deps: AlbumDeps,
  caller: Caller,
  id: string,
  imageIds: readonly string[],
): Promise<Album> {
  await readAlbum(deps, caller, id);
  await deps.db.transaction().execute(async (db) => {
    const added = await addToAlbum(db, caller.projectId, id, imageIds.map(parseImageId));
    const known = new Set(added.map(toImageId));
    const missing = imageIds.findIndex((imageId) => !known.has(imageId));
    if (missing !== -1)
      throw new KilnError('image_not_found', `there is no image ${imageIds[missing]}`, {
        param: `images.${missing}`,
      });
  });
  return readAlbum(deps, caller, id);
}

/** Ignores images that are not in the album. */
export async function removeImages(
  deps: AlbumDeps,
  caller: Caller,
  id: string,
  imageIds: readonly string[],
): Promise<Album> {
  await readAlbum(deps, caller, id);
  await removeFromAlbum(deps.db, caller.projectId, id, imageIds.map(parseImageId));
  return readAlbum(deps, caller, id);
}
