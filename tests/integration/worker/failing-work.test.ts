/**
 * Work that can never be done ends: files whose problems no database stores, and steps that the
 * database always refuses. Each kind of work item is repeated a few times, with pauses, and other
 * work goes on. `refused-results.test.ts` does this for jobs, the tests of maintenance for its
 * tasks.
 */
import type { Batch } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { createFanOut } from '@kiln/shared/services/webhooks/fan-out-events';
import { expect, test } from 'vitest';
import { startKiln } from '../../support/kiln.ts';
import { startReceiver } from '../../support/network/receiver.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { waitFor } from '../../support/wait-for.ts';
import { engineNamed } from '../api/support.ts';
import { createEndpoint, deliveryIs, onlyDelivery, webhookEnv } from '../webhooks/support.ts';

/** The reconciler runs three times in a lease, so a batch continues soon after its pause. */
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { ...webhookEnv, KILN_LEASE_MS: '1500', LOG_LEVEL: 'silent' },
});
const { pool } = kiln.deps.records;

await pool.query(`
  create function kiln.refuse() returns trigger language plpgsql as $$
  begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$`);

/**
 * Makes the database refuse every new or changed row of a table for which `condition` holds.
 * Returns the function that ends this.
 */
async function refuse(table: string, condition: string): Promise<() => Promise<void>> {
  await pool.query(`
    create trigger refuse before insert or update on kiln.${table} for each row
      when (${condition}) execute function kiln.refuse()`);
  return async () => void (await pool.query(`drop trigger refuse on kiln.${table}`));
}

async function send(body: string, type = 'text/csv'): Promise<string> {
  const headers = { 'content-type': type };
  const response = await kiln.request('/v1/batches', { method: 'POST', headers, body });
  return ((await response.json()) as Batch).id;
}

async function read(id: string): Promise<Batch> {
  return (await (await kiln.request(`/v1/batches/${id}`)).json()) as Batch;
}

/** Waits for the end of a batch. Shortens its pauses, and returns how long they would have been. */
async function ended(id: string): Promise<{ batch: Batch; pausesMs: number[] }> {
  const pausesMs: number[] = [];
  const batch = await waitFor(
    async () => {
      const { rows } = await pool.query<{ pause_ms: number }>(
        `with resting as (select id, extract(epoch from retry_at - clock_timestamp()) * 1000 as ms
           from kiln.batches where id = $1 and retry_at > clock_timestamp() + interval '500 ms')
         update kiln.batches set retry_at = clock_timestamp() from resting
           where batches.id = resting.id returning ms::float8 as pause_ms`,
        [id],
      );
      pausesMs.push(...rows.map(({ pause_ms: ms }) => ms));
      const found = await read(id);
      return ['completed', 'failed', 'cancelled'].includes(found.status) && found;
    },
    { what: `batch ${id} to end` },
  );
  return { batch, pausesMs };
}

/** The pauses after the first four of five runs. Each is read a moment after it began. */
function expectGrowing(pausesMs: readonly number[]): void {
  expect(pausesMs).toHaveLength(4);
  for (const [index, ms] of pausesMs.entries()) {
    expect(ms).toBeGreaterThan(5_000 * 2 ** index - 4_500);
    expect(ms).toBeLessThanOrEqual(5_000 * 2 ** index);
  }
}

const line = (body: object) =>
  `${JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/images/generations', body })}\n`;

test.each([
  ['a NUL in a wrong cell', 'text/csv', 'prompt,size\na,1024\0\n'],
  [
    'an emoji at the 59th character of a wrong cell',
    'text/csv',
    `prompt,size\na,${'x'.repeat(58)}😀x\n`,
  ],
  ['a NUL in the name of a column', 'text/csv', 'prompt,si\0ze,size\na,b,1\n'],
  ['half a surrogate pair', 'application/jsonl', line({ prompt: 'a', size: '\uD83D' })],
  ['half a surrogate pair in a name', 'application/jsonl', line({ prompt: 'a', 'x\uDE00': 1 })],
  ['a NUL in a custom_id', 'application/jsonl', line({ prompt: 'a' }).replace('"a"', '"\\u0000"')],
])('a file with %s is refused with its problems', async (_what, type, body) => {
  const { batch, pausesMs } = await ended(await send(body, type));
  expect(batch.status).toBe('failed');
  expect(batch.errors?.data[0]?.code).not.toBe('run_failed');
  expect(pausesMs).toEqual([]);
});

test('a batch whose file can never be validated fails, after growing pauses', async () => {
  const accept = await refuse('batches', `new.status = 'in_progress'`);
  const { batch, pausesMs } = await ended(await send('prompt\na\n'));
  await accept();
  expectGrowing(pausesMs);
  expect(batch).toMatchObject({
    status: 'failed',
    errors: { total: 1, data: [{ code: 'run_failed', line: null, param: null }] },
    request_counts: { total: 0, in_queue: 0 },
  });
  expect(batch.errors?.data[0]?.message).toMatch(/^Reading the file .* 5 times.*nothing was spent/);
});

test('a batch whose rows can never become jobs fails', async () => {
  const accept = await refuse('jobs', `new.metadata ->> 'season' = 'never'`);
  const { batch, pausesMs } = await ended(await send('prompt,season\na,spring\nb,never\n'));
  await accept();
  expectGrowing(pausesMs);
  expect(batch).toMatchObject({
    status: 'failed',
    errors: { data: [{ code: 'run_failed' }] },
    request_counts: { total: 2, completed: 0, failed: 0, cancelled: 2, in_queue: 0 },
  });
  expect(batch.failed_at).toBeGreaterThan(0);
});

test('a batch whose output can never be written fails, and keeps its pictures', async () => {
  const accept = await refuse('files', `new.purpose = 'batch_output'`);
  const id = await send('prompt\na\nb\n');
  const { batch, pausesMs } = await ended(id);
  await accept();
  expectGrowing(pausesMs);
  expect(batch).toMatchObject({
    status: 'failed',
    output_file_id: null,
    errors: { data: [{ code: 'run_failed' }] },
    request_counts: { total: 2, completed: 2, failed: 0, cancelled: 0, in_queue: 0 },
  });
  const jobs = (await (await kiln.request(`/v1/batches/${id}/jobs`)).json()) as { data: Job[] };
  expect(jobs.data.map(({ images }) => images.length)).toEqual([1, 1]);
  const archive = await kiln.request(`/v1/batches/${id}/archive.zip`);
  expect(archive.status).toBe(200);
  await archive.arrayBuffer();
});

test('a batch whose jobs can never be cancelled fails, and none of them starts', async () => {
  await kiln.request('/v1/pools/default/pause', { method: 'POST' });
  const id = await send('prompt\na\nb\n');
  const jobsOf = async () =>
    (await (await kiln.request(`/v1/batches/${id}/jobs`)).json()) as { data: Job[] };
  await waitFor(async () => (await jobsOf()).data.length === 2, { what: 'the rows to be jobs' });
  const accept = await refuse('jobs', `new.batch_id = '${id}' and new.status = 'cancelled'`);
  await kiln.request(`/v1/batches/${id}/cancel`, { method: 'POST' });
  const { batch, pausesMs } = await ended(id);
  await accept();
  await kiln.request('/v1/pools/default/resume', { method: 'POST' });
  expectGrowing(pausesMs);
  expect(batch).toMatchObject({ status: 'failed', errors: { data: [{ code: 'run_failed' }] } });
  expect(batch.errors?.data[0]?.message).toMatch(/^Cancelling the batch .* 5 times/);
  const { id: later } = await kiln.submit();
  expect((await kiln.ended(later)).status).toBe('succeeded');
  const jobs = await jobsOf();
  expect(jobs.data.map(({ status, attempts }) => [status, attempts.made])).toEqual([
    ['queued', 0],
    ['queued', 0],
  ]);
});

test('a batch that loses its worker again and again fails', async () => {
  const id = await send('prompt\na\n');
  await ended(id);
  // Nine workers have died while they read its file.
  await pool.query(
    `update kiln.batches set status = 'validating', lost_workers = 9,
       lease_expires_at = clock_timestamp() - interval '1 second' where id = $1`,
    [id],
  );
  const { batch } = await ended(id);
  expect(batch).toMatchObject({ status: 'failed', errors: { data: [{ code: 'run_failed' }] } });
});

test('a webhook whose tries cannot be recorded is delivered once, or fails', async () => {
  const accept = await refuse('delivery_tries', 'new.no > 0');
  const [good, bad] = await Promise.all([startReceiver(), startReceiver()]);
  bad.answerWith((response) => response.writeHead(500).end());
  const endpoints = [
    await createEndpoint(kiln, good.url, ['job.created']),
    await createEndpoint(kiln, bad.url, ['job.created']),
  ];
  await kiln.submit();
  const [delivered, refused] = [
    await onlyDelivery(kiln, endpoints[0]!.id, { status: 'delivered' }),
    await onlyDelivery(kiln, endpoints[1]!.id, { status: 'pending', tries: 1 }),
  ];
  // The last try of the schedule follows.
  await pool.query('update kiln.deliveries set tries_of_run = 7 where id = $1', [refused.id]);
  const failed = await deliveryIs(kiln, refused.id, { status: 'failed' });
  await accept();
  for (const { id } of endpoints)
    await kiln.request(`/v1/webhook_endpoints/${id}`, { method: 'DELETE' });
  expect(delivered).toMatchObject({ failure: null, tries: { made: 1 }, log: [] });
  expect(failed).toMatchObject({ failure: 'exhausted', log: [] });

  expect(good.heard).toHaveLength(1);
});

test('an event that makes no deliveries is skipped after five runs', async () => {
  const other = await startKiln({
    engine: engineNamed('postgres'),
    env: webhookEnv,
    workers: false,
  });
  const records = other.deps.records;
  await createEndpoint(other, 'http://127.0.0.1:1/hook', ['job.created']);
  const [first, second] = [await other.submit(), await other.submit()];
  await waitFor(
    async () =>
      (await records.pool.query('select from kiln.events where position is null')).rowCount === 0,
    { what: 'the events to have positions' },
  );
  await records.pool.query(`
    create function kiln.refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$;
    create trigger refuse before insert on kiln.deliveries for each row
      when (new.job_id = '${first.id}') execute function kiln.refuse()`);
  const { log, lines } = createRecordedLog();
  const fanOut = createFanOut({ db: records.db, log, pauseMs: 0 });
  for (let run = 1; run < 5; run += 1)
    await expect(fanOut()).rejects.toThrow('refused by the test');
  await fanOut();
  const { rows } = await records.pool.query<{ job_id: string }>(
    'select job_id from kiln.deliveries',
  );
  expect(rows).toEqual([{ job_id: second.id }]);
  expect(lines).toMatchObject([
    { level: 'error', fields: { eventId: expect.stringMatching(/^evt_/) as string } },
  ]);
});
