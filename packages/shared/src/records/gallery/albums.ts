/** Albums and their images. Images in the trash stay in their albums, and neither count nor show. */
import { sql } from 'kysely';
import { toImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import type { Database } from '../database/open-records.ts';
import { isOneOf } from './filter-images.ts';

export interface AlbumRow {
  id: string;
  name: string;
  created_at: Date;
  updated_at: Date;
  count: number;
  cover: AlbumCover | null;
}

/** The row of an image, as JSON in a column. */
export interface AlbumCover {
  job_id: string;
  index: number;
  format: string;
  thumbhash: string | null;
  width: number;
  height: number;
}

const columns = sql`
  a.id, a.name, a.created_at, a.updated_at,
  (select count(*) from kiln.album_images m join kiln.images i using (job_id, index)
    where m.album_id = a.id and i.trashed_at is null)::int as count,
  (select jsonb_build_object('job_id', i.job_id, 'index', i.index, 'format', i.format,
      'thumbhash', i.thumbhash, 'width', i.width, 'height', i.height)
    from kiln.album_images m join kiln.images i using (job_id, index)
    where m.album_id = a.id and i.trashed_at is null
    order by (i.job_id = a.cover_job_id and i.index = a.cover_index) is true desc,
      i.job_id desc, i.index limit 1) as cover`;

/** Writes nothing and returns false if the project has `most` albums already. */
export async function insertAlbum(
  db: Database,
  { id, projectId, name }: { id: string; projectId: string; name: string },
  most: number,
): Promise<boolean> {
  const { rows } = await sql`
    insert into kiln.albums (id, project_id, name) select ${id}, ${projectId}, ${name}
    where (select count(*) from kiln.albums where project_id = ${projectId}) < ${most}::int
    returning id`.execute(db);
  return rows.length > 0;
}

export async function findAlbum(
  db: Database,
  projectId: string,
  id: string,
): Promise<AlbumRow | undefined> {
  const { rows } = await sql<AlbumRow>`
    select ${columns} from kiln.albums a
    where a.project_id = ${projectId} and a.id = ${id}`.execute(db);
  return rows[0];
}

/** Newest first, with one more than the limit if there are more. */
export async function listAlbums(
  db: Database,
  projectId: string,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<AlbumRow[]> {
  const { rows } = await sql<AlbumRow>`
    select ${columns} from kiln.albums a
    where a.project_id = ${projectId}
      and (${after ?? null}::text is null or a.id < ${after ?? null})
    order by a.id desc limit ${limit + 1}::int`.execute(db);
  return rows;
}

/** @param change what is undefined stays */
export async function updateAlbum(
  db: Database,
  projectId: string,
  id: string,
  { name, cover }: { name: string | undefined; cover: ImageKey | null | undefined },
): Promise<void> {
  await sql`
    update kiln.albums set updated_at = clock_timestamp(),
      name = coalesce(${name ?? null}, name),
      cover_job_id = case when ${cover !== undefined}::boolean then ${cover?.jobId ?? null}
        else cover_job_id end,
      cover_index = case when ${cover !== undefined}::boolean then ${cover?.index ?? null}::int
        else cover_index end
    where project_id = ${projectId} and id = ${id}`.execute(db);
}

/** Its images stay. Returns false if there is no such album. */
export async function deleteAlbum(db: Database, projectId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    delete from kiln.albums where project_id = ${projectId} and id = ${id}
    returning id`.execute(db);
  return rows.length > 0;
}

export async function isInAlbum(
  db: Database,
  albumId: string,
  { jobId, index }: ImageKey,
): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.album_images where album_id = ${albumId} and job_id = ${jobId}
      and index = ${index}::int`.execute(db);
  return rows.length > 0;
}

/**
 * Adds images to an album of the project. Images that are in it already stay. Returns the keys of
 * the images that exist.
 */
export async function addToAlbum(
  db: Database,
  projectId: string,
  albumId: string,
  keys: readonly ImageKey[],
): Promise<ImageKey[]> {
  const { rows } = await sql<ImageKey>`
    with album as (
      update kiln.albums set updated_at = clock_timestamp()
      where project_id = ${projectId} and id = ${albumId} returning id
    ), found as (
      select i.job_id, i.index from kiln.images i
      where i.project_id = ${projectId} and ${isOneOf(keys.map(toImageId))}
    ), added as (
      insert into kiln.album_images (album_id, job_id, index)
      select album.id, found.job_id, found.index from album, found
      on conflict do nothing
    )
    select job_id as "jobId", index from found where exists (select from album)`.execute(db);
  return rows;
}

/** Returns how many images were in the album. */
export async function removeFromAlbum(
  db: Database,
  projectId: string,
  albumId: string,
  keys: readonly ImageKey[],
): Promise<number> {
  const { rows } = await sql`
    with album as (
      update kiln.albums set updated_at = clock_timestamp()
      where project_id = ${projectId} and id = ${albumId} returning id
    )
    delete from kiln.album_images i using album
    where i.album_id = album.id and ${isOneOf(keys.map(toImageId))} returning i.job_id`.execute(db);
  return rows.length;
}
