/**
 * Question: how close is the ingest of a file to the least that it could cost? A CSV file of
 * 1,000,000 rows becomes a batch, validated and written as jobs by the code that workers run. In
 * the same run: csv-parse alone over the same file, and a bare INSERT … SELECT FROM unnest, 1,000
 * rows a statement, of the same records (the columns of a job, its id the only index) and of the
 * cells alone (six texts, no index). The bare inserts do not count reading the file. Memory is how
 * much more the process holds at most than with a file of 10,000 rows.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildId } from '@kiln/shared/ids';
import { findBatchById, insertBatch, type BatchRow } from '@kiln/shared/records/batches/batches';
import { ingestRows } from '@kiln/shared/services/batches/work/ingest';
import { createRefusedClaims } from '@kiln/shared/services/refused-claims';
import { validateInput } from '@kiln/shared/services/batches/work/validate-input';
import { writeFile } from '@kiln/shared/services/files/store-file';
import { bareCells, bareRecords, insertBare, parseAlone, time } from './baselines/bare-inserts.ts';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { openBenchDeps } from './support/bench-deps.ts';
import { writeRows } from './support/write-rows.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);

const database = await openBenchDatabase();
const deps = await openBenchDeps({
  ...envOn(database),
  STORAGE_URL: `file:${join(database.folder, 'objects')}`,
  KILN_MAX_BATCH_ROWS: String(Math.max(rows, 1)),
});
try {
  const work = {
    config: deps.config,
    routes: deps.routes,
    store: deps.store,
    log: deps.log,
    db: deps.records.db,
    tokenMemory: deps.tokenMemory,
    refusedClaims: createRefusedClaims(),
    // Dispatching jobs is not measured here.
    dispatcher: { ...deps.dispatcher, wakeAll: () => undefined },
    stopping: new AbortController().signal,
    interrupted: new AbortController().signal,
  };
  async function ingestFile(path: string): Promise<{ validated: number; written: number }> {
    const id = await makeBatch(path);
    const validated = await time(async () => validateInput(work, await currentBatch(id)));
    return { validated, written: await time(async () => ingestRows(work, await currentBatch(id))) };
  }

  const few = await writeFileOf(Math.min(rows, 10_000));
  await ingestFile(few);
  const memoryOfFew = process.resourceUsage().maxRSS;
  const path = await writeFileOf(rows);
  console.log(
    `${rows.toLocaleString('en')} rows, ${((await stat(path)).size / 1e6).toFixed(0)} MB`,
  );
  const { validated, written } = await ingestFile(path);
  const memory = (process.resourceUsage().maxRSS - memoryOfFew) * 1024;
  const { rows: counted } = await deps.records.pool.query<{ jobs: number }>(
    'select count(*)::int as jobs from kiln.jobs',
  );
  if (counted[0]?.jobs !== rows + Math.min(rows, 10_000))
    throw new Error(`${counted[0]?.jobs} jobs were written`);

  const parsed = await time(() => parseAlone(path));
  const cells = await insertBare(deps.records.pool, path, bareCells);
  const records = await insertBare(deps.records.pool, path, bareRecords);
  const least = Math.max(parsed, records);
  const row = (seconds: number) => ({
    seconds: Number(seconds.toFixed(1)),
    'rows a second': Math.round(rows / seconds),
    ratio: Number((least / seconds).toFixed(2)),
  });
  console.table({
    'csv-parse alone': row(parsed),
    'bare insert of the cells': row(cells),
    'bare insert of the records': row(records),
    'Kiln, validating': row(validated),
    'Kiln, writing jobs': row(written),
    'Kiln, both': row(validated + written),
  });
  console.log(`memory grew by ${Math.round(memory / 1e6)} MB at most`);
} finally {
  await deps.close();
  await database.close();
}

async function writeFileOf(count: number): Promise<string> {
  const path = join(database.folder, `${count}.csv`);
  await writeRows(path, count, promptOf);
  return path;
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
      source_files: null,
      name: null,
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
