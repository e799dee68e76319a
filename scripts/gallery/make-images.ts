/**
 * `npm run make-images -- 100000` fills the gallery of a running Kiln, to try it with many images:
 * jobs that have succeeded, their batches, and images with real pictures, thumbnails and
 * ThumbHashes. A few pictures are drawn and stored once, and the images share them, so a million
 * images take minutes. It fills the Kiln of `npm start` in this folder, or the one that
 * `DATABASE_URL`, `STORAGE_URL` and `KILN_DATA_DIR` name. Use it on a Kiln for trying things only:
 * deleting one of these images for good deletes the picture of others. Kiln has no record of calls
 * for these jobs.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseConfig } from '@kiln/shared/config';
import { openDeps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import { findRunningPostgres } from '../start/embedded-postgres.ts';
import { readEnvFile } from '../start/read-env.ts';
import { drawPictures, storePictures } from './draw-pictures.ts';
import { writeImages } from './write-images.ts';

process.umask(0o077);
const root = join(import.meta.dirname, '..', '..');
const kinds = 36;
const mostImages = 10_000_000;

const { positionals } = parseArgs({ allowPositionals: true });
const images = Number(positionals[0] ?? Number.NaN);
if (!Number.isInteger(images) || images < 100 || images > mostImages)
  fail('the number of images is missing, from 100: npm run make-images -- 100000');

const env: Record<string, string | undefined> = {
  ...readEnvFile(join(root, '.env')),
  ...process.env,
};
const dataDir = env['KILN_DATA_DIR'] ?? join(root, '.data');
const databaseUrl = env['DATABASE_URL'] ?? findRunningPostgres(dataDir);
if (databaseUrl === null) fail('no Kiln runs here: run npm start first, or set DATABASE_URL');

const deps = await openDeps({
  config: parseConfig({
    KILN_SIMULATOR_URL: 'http://127.0.0.1:9',
    KILN_DATA_DIR: dataDir,
    ...env,
    DATABASE_URL: databaseUrl,
  }),
  log: createLogger({ name: 'make-images', level: 'error' }),
  name: 'make-images',
  databaseConnections: 2,
  queueConnections: 2,
  statementTimeoutMs: 60_000,
});
try {
  console.log(`drawing ${kinds} pictures …`);
  const pictures = await drawPictures(kinds);
  const startedAtMs = performance.now();
  const keys = await writeImages(deps.records.pool, {
    images,
    pictures,
    onProgress: (written) => console.log(`${written.toLocaleString('en')} images`),
  });
  await storePictures(deps.store, pictures, keys);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  console.log(`${images.toLocaleString('en')} images in ${seconds.toFixed(0)} s`);
} finally {
  await deps.close();
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
