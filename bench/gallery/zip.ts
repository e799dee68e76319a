/** The zip of a selection of 500 images, beside reading the same objects. */
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import type { Pool } from 'pg';
import { post } from './post.ts';

const images = 500;

export async function measureZip(url: string, store: ObjectStore, pool: Pool) {
  const { rows } = await pool.query<{ id: string; key: string; bytes: number }>(
    `select job_id || '/' || index as id, object_key as key, bytes from kiln.images
     order by job_id desc, index limit $1`,
    [images],
  );
  const selection = await post<{ id: string }>(`${url}/v1/selections`, {
    images: rows.map(({ id }) => id),
  });
  const megabytes = rows.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;

  const reading = performance.now();
  for (const { key } of rows) {
    const object = await store.get(key);
    if (object === null) throw new Error(`${key} is missing`);
    for await (const _chunk of object.stream);
  }
  const bareSeconds = (performance.now() - reading) / 1_000;
  const startedAtMs = performance.now();
  const response = await fetch(`${url}/v1/selections/${selection.id}/archive.zip`);
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>)
    size += chunk.length;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  if (!response.ok || size < megabytes * 1e6)
    throw new Error(`the zip answered ${response.status} with ${size} bytes`);
  const row = (taken: number) => ({
    MB: Math.round(megabytes),
    seconds: Number(taken.toFixed(2)),
    'MB a second': Math.round(megabytes / taken),
  });
  return {
    'zip of 500': { ...row(seconds), ratio: Number((bareSeconds / seconds).toFixed(2)) },
    'plain read': row(bareSeconds),
  };
}
