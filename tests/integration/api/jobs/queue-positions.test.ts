/**
 * Queue position and expected time of queued jobs: in reads and lists, with a backlog counted by
 * marks, and while a pool is paused.
 */
import type { Job } from '@kiln/shared/schemas/job';
import { beforeEach, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed } from '../support.ts';

/** A window of 8 and no worker: 8 jobs are dispatched, the others wait in the records. */
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_RPM: '6' },
  workers: false,
});
const { pool } = kiln.deps.records;

beforeEach(async () => {
  await pool.query('truncate kiln.jobs cascade');
});

async function list(query = ''): Promise<Job[]> {
  return ((await (await kiln.request(`/v1/jobs?limit=100${query}`)).json()) as { data: Job[] })
    .data;
}

/** Inserts `count` older bulk jobs of another project. */
async function fill(count: number): Promise<void> {
  await pool.query(
    `insert into kiln.jobs (id, project_id, endpoint, model, route, request, metadata, warnings,
       priority, fair_tag, max_attempts, request_id)
     select 'job_0' || lpad(n::text, 31, '0'), 'other', '', 'gpt-image-2', 'simulator',
       '{"prompt": "A boat"}', '{}', '[]', 1, n, 5, '' from generate_series(1, $1::int) n`,
    [count],
  );
}

test('queued jobs of a list have a position and a time; others have none', async () => {
  for (let count = 0; count < 12; count += 1) await kiln.submit({ priority: 'bulk' });
  await kiln.deps.dispatcher.run('default');
  const [newest] = await list();
  await kiln.request(`/v1/jobs/${newest!.id}/cancel`, { method: 'POST' });
  const jobs = await list();
  expect(jobs[0]?.queue).toBeNull();
  expect(jobs.slice(1).map(({ queue }) => queue?.position)).toEqual([
    10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
  ]);
  const seconds = jobs.slice(1).map(({ queue }) => queue!.eta_seconds!);
  // Each further job adds one spacing of 10 s, counted from now.
  for (const [index, each] of seconds.slice(0, -1).entries())
    expect(each - seconds[index + 1]!).toBeGreaterThanOrEqual(9);
  expect(await kiln.read(jobs[1]!.id)).toMatchObject({ queue: { position: 10 } });
});

test('jobs that a worker has claimed and that wait for their start come first', async () => {
  const first = [await kiln.submit(), await kiln.submit(), await kiln.submit({ priority: 'bulk' })];
  await kiln.deps.dispatcher.run('default');
  // Three jobs wait at the gate of a worker, and the call of the first one has begun.
  await pool.query(
    `update kiln.jobs set status = 'in_progress', lease_owner = 'wrk_1',
      lease_expires_at = 'infinity' where id = any($1)`,
    [first.map(({ id }) => id)],
  );
  await pool.query(
    `insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
      values ($1, 1, 'default', 'simulator', 'default', 'wrk_1')`,
    [first[0]!.id],
  );
  const bulk = [await kiln.submit({ priority: 'bulk' }), await kiln.submit({ priority: 'bulk' })];
  const interactive = await kiln.submit();
  await kiln.deps.dispatcher.run('default');
  // The interactive one passes the bulk job at the gate, and waits for the other one.
  const placeOf = async ({ id }: { id: string }) => (await kiln.read(id)).queue?.position;
  expect(await placeOf(interactive)).toBe(1);
  expect(await Promise.all(bulk.map(placeOf))).toEqual([3, 4]);
  const readPool = async () => {
    const { data } = (await (await kiln.request('/v1/pools')).json()) as {
      data: { in_flight: number; eta_seconds: number }[];
    };
    return data[0]!;
  };
  expect(await readPool()).toMatchObject({ in_flight: 3 });
  // If counting took long, the pool keeps the old count for a while.
  await waitFor(async () => (await readPool()).eta_seconds >= 49, {
    what: 'the jobs at the gate to be counted',
  });
});

test('runs of the dispatcher at the same time do not overfill the window', async () => {
  const { dispatcher } = kiln.deps;
  for (let round = 0; round < 20; round += 1) {
    await pool.query('truncate kiln.jobs cascade');
    await fill(200);
    const counts = await Promise.all(Array.from({ length: 6 }, () => dispatcher.run('default')));
    expect(counts.filter((count) => count > 0)).toEqual([8]);
  }
});

test('positions hold in a long backlog, and an interactive job starts before it', async () => {
  await fill(5_300);
  await kiln.deps.dispatcher.run('default');
  await pool.query('analyze kiln.jobs');
  const { rows } = await pool.query<{ id: string; place: number }>(
    'select id, row_number() over (order by fair_tag)::int - 1 as place from kiln.jobs order ' +
      'by random() limit 20',
  );
  await pool.query(`update kiln.jobs set project_id = 'default' where id = any($1)`, [
    rows.map(({ id }) => id),
  ]);
  for (const { id, place } of rows) expect((await kiln.read(id)).queue?.position).toBe(place);
  const byId = new Map((await list()).map((job) => [job.id, job.queue?.position]));
  for (const { id, place } of rows) expect(byId.get(id)).toBe(place);

  await pool.query(`update kiln.jobs set project_id = 'other'`);
  // It starts among the first, not after the 5,300, because two flows share the pool.
  const bulk = await kiln.submit({ priority: 'bulk' });
  expect((await kiln.read(bulk.id)).queue?.position).toBeLessThan(20);
  const interactive = await kiln.submit();
  await kiln.deps.dispatcher.run('default');
  expect((await kiln.read(interactive.id)).queue?.position).toBe(0);
});

test('jobs of a paused batch do not count in positions', async () => {
  for (let count = 0; count < 20; count += 1) await kiln.submit({ priority: 'bulk' });
  await kiln.deps.dispatcher.run('default');
  const waiting = (await list()).filter(({ queue }) => (queue?.position ?? 0) >= 8);
  expect(waiting).toHaveLength(12);
  const [last] = waiting;
  await pool.query('update kiln.jobs set parked = true where id = any($1)', [
    waiting.slice(1).map(({ id }) => id),
  ]);
  const listed = (await list()).find(({ id }) => id === last?.id);
  expect(listed?.queue?.position).toBe(8);
  expect((await kiln.read(last!.id)).queue?.position).toBe(8);
});

test('the time follows the pool’s block, and is null while an operator has paused it', async () => {
  await pool.query(`update kiln.pools set blocked_until = now() + interval '1 hour'`);
  const { id } = await kiln.submit();
  await kiln.deps.dispatcher.run('default');
  expect((await kiln.read(id)).queue).toMatchObject({ position: 0 });
  const blocked = (await kiln.request('/v1/pools')).json() as Promise<{
    data: { eta_seconds: number }[];
  }>;
  expect((await blocked).data[0]?.eta_seconds).toBeGreaterThan(3_590);
  expect((await kiln.read(id)).queue?.eta_seconds).toBeGreaterThan(3_590);

  await postJson(`${kiln.url}/v1/pools/default/pause`, {});
  expect((await kiln.read(id)).queue).toEqual({
    position: 0,
    starts_in_seconds: null,
    eta_seconds: null,
    reason: 'pool_paused',
    because: { code: 'operator', job_id: null, message: null },
    until: null,
  });
  await postJson(`${kiln.url}/v1/pools/default/resume`, {});
  expect((await kiln.read(id)).queue?.eta_seconds).toBeLessThan(60);
});
