/**
 * Question: is the gallery quick with a million images? An API and a worker process serve images
 * that `scripts/gallery/write-images.ts` wrote into the records. Each request stands beside the
 * least that the database could do for it: a query for the same rows, by the index that suits it,
 * from this process; one update of all images for the bulk action; reading the same objects for the
 * zip. Targets: the first page within 50 ms (p95), a bulk action at half the speed of one
 * `update`, the zip at 0.8 times the speed of reading.
 *
 * `--images 100000` takes fewer images, `--times 30` more requests of each kind, `--only requests`
 * runs one part: requests, bulk or zip.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawPictures, storePictures } from '../scripts/gallery/draw-pictures.ts';
import { writeImages } from '../scripts/gallery/write-images.ts';
import { measureBulkAction } from './gallery/bulk-action.ts';
import { galleryRequests } from './gallery/requests.ts';
import { measureZip } from './gallery/zip.ts';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { openBenchDeps } from './support/bench-deps.ts';
import { startApi, startWorker } from './support/kiln-processes.ts';
import { percentile } from './support/load.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    times: { type: 'string', default: '20' },
    only: { type: 'string' },
  },
});
const images = Number(values.images);
const times = Number(values.times);
const isWanted = (part: string) => values.only === undefined || values.only === part;
const kinds = 36;

const database = await openBenchDatabase();
const env = {
  ...envOn(database),
  STORAGE_URL: `file:${join(database.folder, 'objects')}`,
  KILN_STUDIO: 'off',
  LOG_LEVEL: 'warn',
};
const deps = await openBenchDeps(env);
const { pool } = deps.records;
const api = await startApi(env);
try {
  const startedAtMs = performance.now();
  const pictures = await drawPictures(kinds);
  await storePictures(deps.store, pictures, await writeImages(pool, { images, pictures }));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  console.log(`${images.toLocaleString('en')} images, written in ${seconds.toFixed(0)} s`);

  if (isWanted('requests')) await measureRequests();
  if (isWanted('bulk')) {
    const worker = await startWorker(env);
    try {
      console.table(await measureBulkAction(api.url, pool));
    } finally {
      await worker.stop();
    }
  }
  if (isWanted('zip')) console.table(await measureZip(api.url, deps.store, pool));
} finally {
  await api.stop();
  await deps.close();
  await database.close();
}

async function measureRequests(): Promise<void> {
  const rows: Record<string, object> = {};
  for (const request of await galleryRequests(pool, images)) {
    const asked = await timeOften(async () => {
      const response = await fetch(`${api.url}${request.path}`);
      const body = await response.text();
      if (!response.ok) throw new Error(`${request.path} answered ${response.status}: ${body}`);
    });
    const bare = await timeOften(() => pool.query(request.bare, request.values));
    rows[request.name] = row(asked, bare);
  }
  console.log(`requests, ${times} times each, in ms (target: first page, p95: 50)`);
  console.table(rows);
}

/** Sorted, without the first ones, which meet a cold cache. */
async function timeOften(run: () => Promise<unknown>): Promise<number[]> {
  const warmUps = 3;
  const taken: number[] = [];
  for (let count = 0; count < times + warmUps; count += 1) {
    const startedAtMs = performance.now();
    await run();
    taken.push(performance.now() - startedAtMs);
  }
  return taken.slice(warmUps).toSorted((one, other) => one - other);
}

function row(asked: readonly number[], bare: readonly number[]) {
  const at = (sorted: readonly number[], share: number): number =>
    Number(percentile(sorted, share).toFixed(1));
  return {
    p50: at(asked, 0.5),
    p95: at(asked, 0.95),
    'bare p50': at(bare, 0.5),
    'bare p95': at(bare, 0.95),
    ratio: Number((percentile(asked, 0.5) / percentile(bare, 0.5)).toFixed(1)),
  };
}
