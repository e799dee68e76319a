/**
 * Question: what does sending the pictures of a batch as one archive cost? Streams 2,000 pictures
 * of 1.5 MB through `openArchive`, as the API does, and compares that with reading the same objects
 * one after another. Both read the same folder, which has been read once before.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { findBatchById } from '@kiln/shared/records/batches/batches';
import { openArchive } from '@kiln/shared/services/batches/output/archive';
import { picturesOfBatch } from '@kiln/shared/services/batches/output/picture-list';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { openBenchDeps } from './support/bench-deps.ts';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '2000' },
    bytes: { type: 'string', default: '1500000' },
  },
});
const pictures = Number(values.pictures);
const bytes = Number(values.bytes);

const folder = await mkdtemp(join(tmpdir(), 'kiln-bench-archive-'));
const database = await openBenchDatabase();
const deps = await openBenchDeps({
  ...envOn(database),
  STORAGE_URL: `file:${folder}`,
});
try {
  const keys = await fill();
  await readPlainly(keys);
  const memoryBefore = process.memoryUsage.rss();
  const plain = await time(() => readPlainly(keys));
  const archived = await time(readArchive);
  const row = (seconds: number) => ({
    seconds: Number(seconds.toFixed(2)),
    'MB a second': Math.round((pictures * bytes) / 1e6 / seconds),
    ratio: Number((plain / seconds).toFixed(2)),
  });
  console.table({ 'plain read': row(plain), 'archive.zip': row(archived) });
  console.log(`memory grew by ${Math.round((process.memoryUsage.rss() - memoryBefore) / 1e6)} MB`);
} finally {
  await deps.close();
  await database.close();
  await rm(folder, { recursive: true });
}

async function fill(): Promise<string[]> {
  const picture = randomBytes(bytes);
  const { pool } = deps.records;
  await pool.query(
    `insert into kiln.files (id, project_id, purpose, filename, content_type, bytes, sha256,
       object_key)
     values ('file-bench', 'default', 'batch', 'rows.csv', 'text/csv', 1, 'bench', 'files/bench')`,
  );
  await pool.query(
    `insert into kiln.batches (id, project_id, status, endpoint, input_file_id, row_count,
       last_row, total_count)
     values ('batch_bench', 'default', 'completed', '/v1/images/generations', 'file-bench',
       $1, $1, $1)`,
    [pictures],
  );
  await pool.query(
    `insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, endpoint, model,
       route, request, metadata, warnings, priority,
       max_attempts, request_id, status, finished_at)
     select 'job_' || n, 'default', 'batch_bench', n, 'picture-' || n, '/v1/images/generations',
       'gpt-image-2', 'simulator', '{"prompt": "A boat"}',
       '{}', '[]', 1, 5, 'req_bench', 'succeeded', now() from generate_series(1, $1::int) as n`,
    [pictures],
  );
  await pool.query(
    `insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width,
       height, bytes, sha256, crc32)
     select 'job_' || n, 0, 'default', 1, 'images/bench/' || n, 'png', 1024, 1024, $2, 'bench', $3
     from generate_series(1, $1::int) as n`,
    [pictures, bytes, crc32(picture)],
  );
  const keys = Array.from({ length: pictures }, (_, index) => `images/bench/${index + 1}`);
  for (const key of keys) await deps.store.put(key, picture, { contentType: 'image/png' });
  return keys;
}

async function readPlainly(keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const object = await deps.store.get(key);
    for await (const _ of object?.stream ?? []);
  }
}

async function readArchive(): Promise<void> {
  const batch = await findBatchById(deps.records.db, 'batch_bench');
  if (batch === undefined) throw new Error('the batch is gone');
  const archive = await openArchive(
    { db: deps.records.db, store: deps.store },
    picturesOfBatch(deps.records.db, batch),
  );
  let size = 0;
  for await (const chunk of archive.open()) size += chunk.length;
  if (size !== archive.bytes) throw new Error(`${size} bytes came instead of ${archive.bytes}`);
}

async function time(run: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return (performance.now() - startedMs) / 1000;
}
