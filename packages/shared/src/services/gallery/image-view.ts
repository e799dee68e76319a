/** Turns rows into the images and albums of the API. */
import { toUsd } from '../../domain/money.ts';
import { toSeconds, toSecondsOrNull } from '../../domain/unix-seconds.ts';
import { hasThumbnail } from '../../models/picture-rules.ts';
import type { AlbumRow } from '../../records/gallery/albums.ts';
import type { RelatedRow } from '../../records/gallery/lineage.ts';
import type { WallRow } from '../../records/gallery/wall.ts';
import type { Album } from '../../schemas/gallery/album.ts';
import { toImageId } from '../../schemas/gallery/image-id.ts';
import type { GalleryImage, RelatedImage } from '../../schemas/gallery/image.ts';

/** @param baseUrl the URL of the API without a trailing slash */
export function toGalleryImage(row: WallRow, baseUrl: string): GalleryImage {
  return {
    ...toIdentity(row, baseUrl),
    object: 'image',
    job_id: row.job_id,
    index: row.index,
    batch_id: row.batch_id,
    custom_id: row.custom_id,
    model: row.model,
    edited: row.edited,
    derived: row.derived,
    format: row.format,
    bytes: row.bytes,
    rating: row.rating,
    starred: row.starred,
    albums: row.albums,
    cost: { currency: 'usd', actual: toUsd(row.cost_micros) },
    created_at: toSeconds(row.created_at),
    trashed_at: toSecondsOrNull(row.trashed_at),
    prompt: row.prompt,
  };
}

export function toRelatedImage(row: RelatedRow, baseUrl: string): RelatedImage {
  return toIdentity(row, baseUrl);
}

function toIdentity(row: RelatedRow, baseUrl: string): RelatedImage {
  const url = `${baseUrl}/v1/jobs/${row.job_id}/images/${row.index}`;
  return {
    id: toImageId({ jobId: row.job_id, index: row.index }),
    url,
    thumbnail_url: hasThumbnail(row.format) ? `${url}?thumbnail` : null,
    thumbhash: row.thumbhash,
    width: row.width,
    height: row.height,
  };
}

export function toAlbum({ cover, ...row }: AlbumRow, baseUrl: string): Album {
  const image = cover === null ? null : toIdentity(cover, baseUrl);
  return {
    id: row.id,
    object: 'album',
    name: row.name,
    cover: image?.id ?? null,
    cover_image: image,
    count: row.count,
    created_at: toSeconds(row.created_at),
    updated_at: toSeconds(row.updated_at),
  };
}
