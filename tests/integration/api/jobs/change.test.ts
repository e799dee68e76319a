/** `PATCH /v1/jobs/{id}`: metadata at any time, priority and position while the job is queued. */
import type { Job } from '@kiln/shared/schemas/job';
import { beforeEach, expect, test } from 'vitest';
import { claimJob } from '../../../support/ledger.ts';
import { patchJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { readEvents } from '../http/read-events.ts';
import { engineNamed, readError, readQueue } from '../support.ts';

/** A window of 8 and no worker: 8 jobs are dispatched, the others wait in the records. */
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_RPM: '6' },
  workers: false,
});
const { pool, db } = kiln.deps.records;

beforeEach(async () => {
  await pool.query('truncate kiln.jobs cascade');
});

const send = (id: string, body: unknown) => patchJson(`${kiln.url}/v1/jobs/${id}`, body);

async function change(id: string, body: unknown): Promise<Job> {
  const response = await send(id, body);
  expect([response.status, await response.clone().json()]).toEqual([200, expect.anything()]);
  return (await response.json()) as Job;
}

async function submitMany(count: number, body: Record<string, unknown> = { priority: 'bulk' }) {
  const ids: string[] = [];
  for (let each = 0; each < count; each += 1) ids.push((await kiln.submit(body)).id);
  return ids;
}

async function order(): Promise<string[]> {
  return (await readQueue(kiln, '?limit=100')).data.map(({ id }) => id);
}

interface Dispatched {
  dispatched: boolean;
  dispatch_no: number;
}

async function stateOf(id: string): Promise<Dispatched> {
  const { rows } = await pool.query<Dispatched>(
    'select dispatched_at is not null as dispatched, dispatch_no from kiln.jobs where id = $1',
    [id],
  );
  return rows[0]!;
}

const isDispatched = (id: string, dispatchNo: number) =>
  waitFor(
    async () =>
      ((state) => state.dispatched && state.dispatch_no === dispatchNo)(await stateOf(id)),
    { what: `dispatch ${dispatchNo} of ${id}` },
  );

test('a job in the window leaves it, and its old work item is stale', async () => {
  const ids = await submitMany(8);
  await kiln.deps.dispatcher.run('default');
  const last = ids[7]!;
  expect(await stateOf(last)).toEqual({ dispatched: true, dispatch_no: 1 });
  await change(last, { priority: 'interactive' });
  await isDispatched(last, 3);
  const claim = (dispatchNo: number) =>
    claimJob(db, { jobId: last, dispatchNo, worker: 'wrk_1' }, 30_000);
  expect(await claim(1)).toEqual({ status: 'stale' });
  expect(await claim(2)).toEqual({ status: 'stale' });
  expect(await claim(3)).toMatchObject({ status: 'claimed' });
});

test('a job that rests before a retry stays in the window', async () => {
  const [id] = await submitMany(1);
  await kiln.deps.dispatcher.run('default');
  await pool.query(`update kiln.jobs set available_at = now() + interval '1 hour'`);
  expect((await change(id!, { priority: 'interactive' })).priority).toBe('interactive');
  expect(await stateOf(id!)).toEqual({ dispatched: true, dispatch_no: 1 });
});

test('another priority puts a job among the others that have it', async () => {
  const bulk = await submitMany(10);
  const urgent = await submitMany(2, {});
  await kiln.deps.dispatcher.run('default');
  expect(await order()).toEqual([...urgent, ...bulk]);
  const raised = await change(bulk[9]!, { priority: 'interactive' });
  expect(raised.priority).toBe('interactive');
  await waitFor(async () => (await stateOf(bulk[9]!)).dispatched, { what: 'its dispatch' });
  expect(await order()).toEqual([...urgent, bulk[9], ...bulk.slice(0, 9)]);

  await change(urgent[0]!, { priority: 'bulk' });
  const lowered = await order();
  expect(lowered.slice(0, 2)).toEqual([urgent[1], bulk[9]]);
  expect(lowered.at(-1)).toBe(urgent[0]);

  // A priority that the job has already changes nothing.
  const before = await stateOf(bulk[0]!);
  await change(bulk[0]!, { priority: 'bulk' });
  expect(await stateOf(bulk[0]!)).toEqual(before);
});

test('a job runs next: before interactive jobs, the last one asked for first', async () => {
  const ids = await submitMany(12);
  const urgent = await submitMany(2, {});
  await kiln.deps.dispatcher.run('default');
  const [tenth, eleventh, twelfth] = ids.slice(9) as [string, string, string];
  expect((await stateOf(twelfth)).dispatched).toBe(false);

  expect(await change(twelfth, { position: 'next' })).toMatchObject({
    priority: 'interactive',
    queue: { position: 0, starts_in_seconds: 0 },
  });
  // It waits for none of those that fill the window.
  await isDispatched(twelfth, 1);
  const next = await change(eleventh, { position: 'next', priority: 'interactive' });
  expect(next.queue?.position).toBe(0);
  await isDispatched(eleventh, 1);
  expect(await order()).toEqual([eleventh, twelfth, ...urgent, ...ids.slice(0, 10)]);
  const asked = [eleventh, twelfth, urgent[0]!, ids[0]!, tenth];
  const positions = await Promise.all(
    asked.map(async (id) => (await kiln.read(id)).queue?.position),
  );
  expect(positions).toEqual([0, 1, 2, 4, 13]);
  // Another priority gives the job an ordinary turn again.
  await change(eleventh, { priority: 'bulk' });
  expect((await order())[0]).toBe(twelfth);
});

test('a job in the window that runs next leaves it, also while it rests', async () => {
  const ids = await submitMany(8);
  await kiln.deps.dispatcher.run('default');
  const last = ids[7]!;
  await pool.query(`update kiln.jobs set available_at = now() + interval '1 hour' where id = $1`, [
    last,
  ]);
  await change(last, { position: 'next' });
  await isDispatched(last, 3);
  const claim = (dispatchNo: number) =>
    claimJob(db, { jobId: last, dispatchNo, worker: 'wrk_1' }, 30_000);
  expect(await claim(1)).toEqual({ status: 'stale' });
  expect(await claim(3)).toMatchObject({ status: 'early' });
  await pool.query('update kiln.jobs set available_at = now() where id = $1', [last]);
  expect(await claim(3)).toMatchObject({ status: 'claimed' });
  expect(await readError(await send(last, { position: 'next' }))).toMatchObject({ status: 409 });
});

test('a job of a paused batch keeps its turn until the batch is resumed', async () => {
  const { id } = await kiln.submit();
  await pool.query('update kiln.jobs set parked = true where id = $1', [id]);
  expect(await readError(await send(id, { position: 'next' }))).toMatchObject({
    status: 409,
    code: 'job_not_waiting',
    param: 'position',
    message: `position: the batch of ${id} is paused; resume it first`,
  });
  expect((await change(id, { priority: 'bulk' })).priority).toBe('bulk');
});

test('metadata is replaced at any time; the rest only while the job waits', async () => {
  const { id } = await kiln.submit({ metadata: { a: '1', b: '2' } });
  expect((await change(id, { metadata: { b: '3' } })).metadata).toEqual({ b: '3' });
  for (const status of ['in_progress', 'succeeded', 'failed', 'held']) {
    await pool.query('update kiln.jobs set status = $2 where id = $1', [id, status]);
    expect((await change(id, { metadata: { status } })).metadata).toEqual({ status });
    for (const [field, value] of [
      ['priority', 'bulk'],
      ['position', 'next'],
    ] as const)
      expect(await readError(await send(id, { [field]: value, metadata: {} }))).toMatchObject({
        status: 409,
        code: 'job_not_waiting',
        param: field,
        message: `${field}: ${id} does not wait any more: its status is ${status}`,
      });
    expect((await kiln.read(id)).metadata).toEqual({ status });
  }
});

test('a change is an event, and a refused one is none', async () => {
  const { id } = await kiln.submit();
  await change(id, { priority: 'bulk' });
  await change(id, { metadata: { a: '1' }, position: 'next' });
  await pool.query(`update kiln.jobs set status = 'cancelled' where id = $1`, [id]);
  expect((await send(id, { priority: 'bulk' })).status).toBe(409);
  const events = await waitFor(
    async () => {
      const { data } = await readEvents(kiln, `?job_id=${id}&limit=100`);
      return data.length > 2 && data;
    },
    { what: 'the events' },
  );
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ['job.created', expect.anything()],
    ['job.updated', { id, status: 'queued', batch_id: null, changed: ['priority'] }],
    ['job.updated', { id, status: 'queued', batch_id: null, changed: ['metadata', 'position'] }],
  ]);
});

test.each([
  [{}, null],
  [{ position: 'last' }, 'position'],
  [{ position: 1 }, 'position'],
  [{ position: null }, 'position'],
  [{ position: 'next', priority: 'bulk' }, 'priority'],
  [{ priority: 'soon' }, 'priority'],
  [{ metadata: { a: 1 } }, 'metadata.a'],
  [{ metadata: null }, 'metadata'],
  [{ prompt: 'Another boat' }, 'prompt'],
])('%j is refused', async (body, param) => {
  const { id } = await kiln.submit();
  expect(await readError(await send(id, body))).toMatchObject({ status: 400, param });
});

test('a job that does not exist, or was deleted, is not found', async () => {
  const { id } = await kiln.submit();
  expect((await kiln.request(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(200);
  for (const missing of [id, 'job_none'])
    expect(await readError(await send(missing, { metadata: {} }))).toMatchObject({
      status: 404,
      code: 'job_not_found',
    });
});
