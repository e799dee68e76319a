/** The requests of `bench/gallery.ts`, and for each a query of the same rows. */
import type { Pool } from 'pg';

export interface GalleryRequest {
  name: string;
  path: string;
  bare: string;
  values: unknown[];
}

const wall = "i.project_id = 'default' and i.trashed_at is null";

/** A page with what the wall shows of its images and their jobs. */
function pageOf(condition: string, end = 'limit 51'): string {
  return `select i.job_id, i.index, i.batch_id, i.model, i.width, i.height, i.thumbhash, i.rating,
      j.created_at, j.custom_id, left(j.request->>'prompt', 200) as prompt
    from (select * from kiln.images i where ${wall} and ${condition}
      order by i.job_id desc, i.index ${end}) as i
    join kiln.jobs j on j.id = i.job_id order by i.job_id desc, i.index`;
}

export async function galleryRequests(pool: Pool, images: number): Promise<GalleryRequest[]> {
  const { rows } = await pool.query<{ id: string; job_id: string; index: number; at: number }>(
    `select job_id || '/' || index as id, job_id, index,
       extract(epoch from created_at)::bigint as at
     from kiln.images order by job_id desc, index offset $1 limit 1`,
    [Math.floor(images / 2)],
  );
  const [newest] = (
    await pool.query<{ id: string }>(
      `select job_id || '/' || index as id from kiln.images order by job_id desc, index limit 1`,
    )
  ).rows;
  const [middle] = rows;
  if (middle === undefined || newest === undefined) throw new Error('there are no images');
  const half = Math.floor(images / 2);
  const filtered = (name: string, query: string, condition: string): GalleryRequest => ({
    name,
    path: `/v1/images?${query}`,
    bare: pageOf(condition),
    values: [],
  });
  return [
    filtered('first page', '', 'true'),
    {
      name: 'page after an image in the middle',
      path: `/v1/images?after=${encodeURIComponent(middle.id)}`,
      bare: pageOf('i.job_id <= $1 and (i.job_id < $1 or i.index > $2)'),
      values: [middle.job_id, middle.index],
    },
    {
      name: `jump to image ${half.toLocaleString('en')}`,
      path: `/v1/images?newest=${encodeURIComponent(newest.id)}&offset=${half}`,
      bare: pageOf('true', `offset ${half} limit 51`),
      values: [],
    },
    {
      name: 'count of all',
      path: '/v1/images/count',
      bare: `select count(*) from kiln.images i where ${wall}`,
      values: [],
    },
    filtered('batch', 'batch_id=batch_gallery3', "i.batch_id = 'batch_gallery3'"),
    filtered('model', 'model=gpt-image-1.5', "i.model = 'gpt-image-1.5'"),
    filtered('rating', 'rating=5', 'i.rating = 5'),
    filtered('rating or better', 'rating_min=4', 'i.rating >= 4'),
    filtered('unrated', 'unrated=true', 'i.rating is null'),
    filtered('starred', 'starred=true', 'i.starred'),
    filtered('size', 'size=1536x1024', 'i.width = 1536 and i.height = 1024'),
    filtered(
      'album',
      'album_id=alb_gallery1',
      `(i.job_id, i.index) in (select job_id, index from kiln.album_images
        where album_id = 'alb_gallery1')`,
    ),
    filtered(
      'no album',
      'no_album=true',
      `not exists (select from kiln.album_images a where a.job_id = i.job_id
        and a.index = i.index)`,
    ),
    filtered(
      'custom id',
      'custom_id=row-4321',
      `i.job_id in (select id from kiln.jobs where project_id = 'default'
        and custom_id = 'row-4321')`,
    ),
    filtered(
      'metadata',
      'metadata[order]=17',
      `i.job_id in (select id from kiln.jobs where status = 'succeeded' and metadata <> '{}'
        and metadata @> '{"order": "17"}')`,
    ),
    filtered('before a day', `created_before=${middle.at}`, `i.job_id < '${middle.job_id}'`),
    filtered(
      'search, a common word',
      'q=lighthouse',
      `exists (select from kiln.jobs where id = i.job_id
        and request->>'prompt' ilike '%lighthouse%')`,
    ),
    filtered(
      'search, a rare word',
      'q=narwhal',
      `i.job_id in (select id from kiln.jobs where status in ('succeeded', 'failed', 'cancelled',
        'expired') and request->>'prompt' ilike '%narwhal%' offset 0)`,
    ),
    filtered('one job', `job_id=${middle.job_id}`, `i.job_id = '${middle.job_id}'`),
  ];
}
