/**
 * Question: does a batch of 1,000,000 rows slow down other requests? An API process receives its
 * file and a worker process ingests it, with the simulator as the provider. Measured: the time from
 * acceptance to the first dispatched job (target: under 2 s); then, before that backlog exists and
 * while it waits, listing (p99 under 50 ms), reading a job (20 ms), and cancelling a batch of 1,000
 * rows (5 s). At the end the million is cancelled, and the rate of its first 100,000
 * jobs is printed.
 */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { waitFor } from '../tests/support/wait-for.ts';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { startApi, startWorker } from './support/kiln-processes.ts';
import { startSimulator } from './support/simulator-process.ts';
import { writeRows } from './support/write-rows.ts';

interface Batch {
  id: string;
  status: string;
}

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);
const rowsOfSmall = 1_000;
const reads = 300;
const cancellations = 20;

const database = await openBenchDatabase();
const simulator = await startSimulator({
  rpm: 60,
  minuteMs: 60_000,
  latencyMs: '1000',
  pictures: 'tiny',
});
const env = {
  ...envOn(database),
  STORAGE_URL: `file:${join(database.folder, 'objects')}`,
  KILN_SIMULATOR_URL: simulator.url,
  KILN_RPM: '60',
  KILN_MAX_BATCH_ROWS: String(Math.max(rows, 10_000)),
};
const pool = new pg.Pool({ connectionString: database.url });
const api = await startApi(env);
const worker = await startWorker(env);
try {
  const few = await upload(rowsOfSmall);
  await taken(few, rowsOfSmall);
  const before = await measure();
  await request(`/v1/batches/${few.id}/cancel`, { method: 'POST' });
  await reached(few, 'cancelled');
  const million = await upload(rows);
  await taken(million, rows);
  const [times] = (
    await pool.query<{ accepted: number; handed: number }>(
      `select extract(epoch from (b.in_progress_at - b.created_at))::float8 as accepted,
         extract(epoch from (
           (select min(dispatched_at) from kiln.jobs where batch_id = b.id) - b.in_progress_at
         ))::float8 as handed
       from kiln.batches b where b.id = $1`,
      [million.id],
    )
  ).rows;
  const after = await measure();
  console.log(
    `${rows.toLocaleString('en')} rows: validated in ${times?.accepted.toFixed(1)} s, first ` +
      `job dispatched ${times?.handed.toFixed(2)} s after that`,
  );
  console.table({ 'before, ms': before, 'with the backlog, ms': after });

  const beganMs = performance.now();
  await request(`/v1/batches/${million.id}/cancel`, { method: 'POST' });
  const answered = performance.now() - beganMs;
  const counted = Math.min(rows, 100_000);
  await waitFor(
    async () =>
      (await request<{ request_counts: { cancelled: number } }>(`/v1/batches/${million.id}`))
        .request_counts.cancelled >= counted,
    { what: 'jobs to be cancelled', timeoutMs: 600_000 },
  );
  const perSecond = counted / ((performance.now() - beganMs) / 1000);
  console.log(
    `cancelling ${rows.toLocaleString('en')} rows: answered after ${answered.toFixed(0)} ms, ` +
      `from when on none starts; ${perSecond.toFixed(0)} jobs a second`,
  );
} finally {
  await worker.stop();
  await api.stop();
  simulator.close();
  await pool.end();
  await database.close();
}

async function measure() {
  const ids = await pool.query<{ id: string; batch_id: string }>(
    'select id, batch_id from kiln.jobs order by random() limit $1',
    [reads],
  );
  const [any] = ids.rows;
  if (any === undefined) throw new Error('there are no jobs');
  const lists = [
    '/v1/jobs?limit=100',
    '/v1/jobs?limit=100&status=queued',
    '/v1/jobs?limit=100&status=succeeded',
    `/v1/jobs?limit=100&after=${any.id}`,
    `/v1/batches/${any.batch_id}/jobs?limit=100`,
    '/v1/batches?limit=100',
  ];
  const cancelled: number[] = [];
  for (let count = 0; count < cancellations; count += 1) {
    const batch = await upload(rowsOfSmall);
    await taken(batch, rowsOfSmall);
    const beganMs = performance.now();
    await request(`/v1/batches/${batch.id}/cancel`, { method: 'POST' });
    await reached(batch, 'cancelled');
    cancelled.push(performance.now() - beganMs);
  }
  return {
    ...shown(
      'list',
      await timeEach(Array.from({ length: reads / lists.length }, () => lists).flat()),
    ),
    ...shown('read', await timeEach(ids.rows.map(({ id }) => `/v1/jobs/${id}`))),
    ...shown('cancel', cancelled),
  };
}

async function timeEach(paths: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const path of paths) {
    const beganMs = performance.now();
    await request(path);
    times.push(performance.now() - beganMs);
  }
  return times;
}

function shown(name: string, times: readonly number[]) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) =>
    Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
  return { [`${name} p50`]: at(0.5), [`${name} p99`]: at(0.99) };
}

async function upload(count: number): Promise<Batch> {
  const path = join(database.folder, `${count}.csv`);
  await writeRows(
    path,
    count,
    (number) => `A ceramic teapot no ${number} on a linen cloth, morning light`,
  );
  const body = await openAsBlob(path);
  return request<Batch>('/v1/batches', {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/csv' },
  });
}

/** Waits until every row is a job. */
async function taken({ id }: Batch, count: number): Promise<void> {
  await waitFor(
    async () =>
      (
        await pool.query('select from kiln.batches where id = $1 and ingested_row >= $2', [
          id,
          count,
        ])
      ).rowCount === 1,
    { what: `${count} rows to be taken in`, timeoutMs: 600_000 },
  );
}

async function reached({ id }: Batch, status: string): Promise<void> {
  await waitFor(async () => (await request<Batch>(`/v1/batches/${id}`)).status === status, {
    what: `a batch to be ${status}`,
    timeoutMs: 1_200_000,
  });
}

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(api.url + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
