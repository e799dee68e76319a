/**
 * Question: what does taking in a file cost beside the least that it could cost? A CSV file of 1,000,000 rows becomes a batch: looked through,
 * and written as jobs, by the code the workers run. Beside it, in the same run: csv-parse alone over the same file, and a bare
 * INSERT … SELECT FROM unnest of the same prompts into a table without an index, 1,000 rows a statement. Memory is the process's own.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildId } from '@kiln/shared/ids';
import { findBatchById, insertBatch, type BatchRow } from '@kiln/shared/records/batches';
import { ingestRows } from '@kiln/shared/services/batches/ingest';
import { lookThrough } from '@kiln/shared/services/batches/look-through';
import { writeFile } from '@kiln/shared/services/store-file';
import { parse } from 'csv-parse';
import { openBenchDatabase } from './support/bench-database.ts';
import { openBenchDeps } from './support/bench-deps.ts';
import { writeRows } from './support/write-rows.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);
const rowsAtATime = 1_000;

const database = await openBenchDatabase();
const deps = await openBenchDeps({
  DATABASE_URL: database.url,
  KILN_SIMULATOR_URL: 'http://127.0.0.1:1',
  KILN_DATA_DIR: database.folder,
  STORAGE_URL: `file:${join(database.folder, 'objects')}`,
  KILN_MAX_BATCH_ROWS: String(Math.max(rows, 1)),
});
try {
  const path = join(database.folder, 'rows.csv');
  await writeRows(path, rows, promptOf);
  console.log(`${rows.toLocaleString('en')} rows, ${((await stat(path)).size / 1e6).toFixed(0)} MB`);

  const work = {
    config: deps.config,
    routes: deps.routes,
    store: deps.store,
    log: deps.log,
    db: deps.records.db,
    // Handing jobs over is another question.
    dispatcher: { ...deps.dispatcher, pokeAll: () => undefined },
    stopping: new AbortController().signal,
  };
  const id = await makeBatch(path);
  const memoryBefore = process.memoryUsage.rss();
  const looked = await time(async () => lookThrough(work, await currentBatch(id)));
  const written = await time(async () => ingestRows(work, await currentBatch(id)));
  const memory = process.resourceUsage().maxRSS * 1024 - memoryBefore;
  const parsed = await time(() => parseAlone(path));
  const inserted = await time(() => insertBare(path));
  const { rows: counted } = await deps.records.pool.query<{ jobs: number }>(
    'select count(*)::int as jobs from kiln.jobs',
  );
  if (counted[0]?.jobs !== rows) throw new Error(`${counted[0]?.jobs} jobs were written`);

  const row = (seconds: number, beside: number) => ({
    seconds: Number(seconds.toFixed(1)),
    'rows a second': Math.round(rows / seconds),
    ratio: Number((beside / seconds).toFixed(2)),
  });
  console.table({
    'csv-parse alone': row(parsed, parsed),
    'Kiln, looking through': row(looked, parsed),
    'csv-parse and bare insert': row(inserted, inserted),
    'Kiln, writing jobs': row(written, inserted),
    'Kiln, both': row(looked + written, inserted),
  });
  console.log(`memory grew by ${Math.round(memory / 1e6)} MB at most`);
} finally {
  await deps.close();
  await database.close();
}

function promptOf(number: number): string {
  return `A ceramic teapot no ${number} on a linen cloth, morning light`;
}

async function makeBatch(path: string): Promise<string> {
  const { config, log, store } = deps;
  const file = await writeFile(
    { config, log, store, db: deps.records.db },
    { project_id: 'default', purpose: 'batch', filename: 'rows.csv' },
    createReadStream(path),
  );
  const id = buildId('batch');
  await insertBatch(
    deps.records.db,
    {
      id,
      project_id: 'default',
      endpoint: '/v1/images/generations',
      input_file_id: file.id,
      options: { base_url: 'http://127.0.0.1' },
      metadata: {},
      deadline_at: null,
      request_id: 'req_bench',
      created_at: new Date(),
    },
    null,
  );
  return id;
}

async function currentBatch(id: string): Promise<BatchRow> {
  const batch = await findBatchById(deps.records.db, id);
  if (batch === undefined) throw new Error('the batch is gone');
  return batch;
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return (performance.now() - startedMs) / 1000;
}

function records(path: string): AsyncIterable<string[]> {
  return createReadStream(path).pipe(parse({ from_line: 2 }));
}

async function parseAlone(path: string): Promise<void> {
  for await (const _ of records(path));
}

async function insertBare(path: string): Promise<void> {
  await deps.records.pool.query('create table bare (id text, prompt text)');
  let ids: string[] = [];
  let prompts: string[] = [];
  const write = async () => {
    await deps.records.pool.query('insert into bare select * from unnest($1::text[], $2::text[])', [
      ids,
      prompts,
    ]);
    ids = [];
    prompts = [];
  };
  for await (const [id = '', prompt = ''] of records(path)) {
    ids.push(id);
    prompts.push(prompt);
    if (ids.length === rowsAtATime) await write();
  }
  await write();
}
