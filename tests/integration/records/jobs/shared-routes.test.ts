/**
 * Two pools that serve one model: which one takes which job, and what happens to the jobs of a
 * closed pool.
 */
import {
  recallShared,
  takeOver,
  takeWindow,
  type Dispatch,
  type PoolRoutes,
} from '@kiln/shared/records/jobs/dispatches';
import { savePools } from '@kiln/shared/records/pools';
import { beforeEach, expect, test } from 'vitest';
import { addJob, openTestRecords, readRow, waitForLock } from '../support.ts';
import { claimJob } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db, pool: database } = records;

const route = 'gpt-image-2';
const routes = (deployment: string) => [{ route, deployments: [deployment], isShared: true }];
const east: PoolRoutes = { name: 'east', routes: routes('east-2'), sharers: ['west'] };
const west: PoolRoutes = { name: 'west', routes: routes('west-2'), sharers: ['east'] };

beforeEach(async () => {
  await database.query('truncate kiln.jobs cascade');
  await database.query('delete from kiln.paused_deployments');
  await savePools(db, [
    { name: 'east', rpm: 6, intervalMs: 10_000, catchUpMs: 0 },
    { name: 'west', rpm: 6, intervalMs: 10_000, catchUpMs: 0 },
  ]);
  await database.query(
    `update kiln.pools set next_start_at = 'epoch', blocked_until = null, paused_by = null,
      pace_share = 1`,
  );
});

async function addJobs(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let added = 0; added < count; added += 1) ids.push(await addJob(records, { route }));
  return ids;
}

async function takeAllOver(pool: PoolRoutes): Promise<Dispatch[]> {
  const taken: Dispatch[] = [];
  for (;;) {
    const more = await takeOver(db, pool, 8);
    if (more.length === 0) return taken;
    taken.push(...more);
  }
}

const idsOf = (dispatches: readonly Dispatch[]) => dispatches.map(({ id }) => id).toSorted();

async function waitingIn(pool: string): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id from kiln.jobs where pool = $1 and status = 'queued' and dispatched_at is not null
      order by id`,
    [pool],
  );
  return rows.map(({ id }) => id);
}

test('the last jobs of a route go to the pool that starts them first', async () => {
  const ids = await addJobs(8);
  expect(await takeWindow(db, east, 8)).toHaveLength(8);
  expect(await takeWindow(db, west, 8)).toEqual([]);
  await takeAllOver(west);
  expect(await takeAllOver(east)).toEqual([]);
  expect(await waitingIn('east')).toHaveLength(4);
  expect(await waitingIn('west')).toHaveLength(4);
  // They take turns as their starts come: neither pool has all the early ones.
  expect((await waitingIn('west')).filter((id) => ids.slice(0, 4).includes(id))).toHaveLength(2);
});

test('a faster pool takes more jobs, a slower one only those it starts earlier', async () => {
  await addJobs(8);
  await savePools(db, [{ name: 'west', rpm: 2, intervalMs: 30_000, catchUpMs: 0 }]);
  await takeWindow(db, east, 8);
  await takeAllOver(west);
  expect(await waitingIn('west')).toHaveLength(2);
});

test('two pools that are ready now take no jobs from each other', async () => {
  const [id] = await addJobs(1);
  await takeWindow(db, east, 8);
  expect(await takeOver(db, west, 8)).toEqual([]);
  expect(await takeOver(db, east, 8)).toEqual([]);
  expect(await readRow(records, id!)).toMatchObject({ pool: 'east', dispatch_no: 1 });
});

test('one of two dispatchers that take the same job over gets it', async () => {
  await addJobs(2);
  await takeWindow(db, east, 8);
  const first = await database.connect();
  await first.query('begin');
  await first.query(`update kiln.jobs set pool = 'west', dispatched_at = now(), dispatch_no = 2`);
  const second = takeOver(db, west, 8);
  await waitForLock(records, 'the second dispatcher to wait for the first');
  await first.query('commit');
  first.release();
  expect(await second).toEqual([]);
});

test('the old work item of a job that was taken over is stale', async () => {
  await addJobs(2);
  const first = await takeWindow(db, east, 8);
  const [taken] = await takeAllOver(west);
  const before = first.find(({ id }) => id === taken?.id);
  expect(taken?.dispatchNo).toBe(before!.dispatchNo + 1);
  const claim = { jobId: taken!.id, worker: 'wrk_1' };
  expect(await claimJob(db, { ...claim, dispatchNo: before!.dispatchNo }, 1_000)).toEqual({
    status: 'stale',
  });
  expect(await claimJob(db, { ...claim, dispatchNo: taken!.dispatchNo }, 1_000)).toMatchObject({
    status: 'claimed',
    job: { pool: 'west' },
  });
});

test.each([
  ['blocked for long', `blocked_until = clock_timestamp() + interval '1 day'`],
  [
    'paused by a fault',
    `paused_by = 'fault', blocked_until = clock_timestamp() + interval '1 minute'`,
  ],
  ['paused by an operator', `paused_by = 'operator'`],
])('a pool that is %s gives its jobs back and takes none', async (_, change) => {
  const ids = await addJobs(12);
  await takeWindow(db, east, 8);
  await database.query(`update kiln.pools set ${change} where name = 'east'`);
  expect(await recallShared(db, east)).toBe(8);
  expect(await recallShared(db, west)).toBe(0);
  expect(await takeWindow(db, east, 8)).toEqual([]);
  expect(await takeOver(db, east, 8)).toEqual([]);
  // The jobs that came back go before those that were behind them.
  expect(idsOf(await takeWindow(db, west, 8))).toEqual(ids.slice(0, 8));
});

test('a short block changes nothing, and the only pool of a route keeps its jobs', async () => {
  await addJobs(3);
  await takeWindow(db, east, 1);
  await database.query(
    `update kiln.pools set blocked_until = clock_timestamp() + interval '2 seconds'
      where name = 'east'`,
  );
  expect(await recallShared(db, east)).toBe(0);
  await database.query(
    `update kiln.pools set blocked_until = clock_timestamp() + interval '1 day'
      where name = 'east'`,
  );
  const alone: PoolRoutes = {
    ...east,
    routes: [{ ...east.routes[0]!, isShared: false }],
    sharers: [],
  };
  expect(await recallShared(db, alone)).toBe(0);
  // A blocked pool may hold two jobs, which check whether it is open. It holds one already.
  expect(await takeWindow(db, alone, 8)).toHaveLength(1);
});

test('a route is left alone while all its deployments in the pool are paused', async () => {
  const [id] = await addJobs(1);
  const pause = (name: string, until: string) =>
    database.query(
      `insert into kiln.paused_deployments (name, pool, reason, probe_ms, paused_until)
        values ($1, 'east', 'x', 1000, clock_timestamp() + $2::interval)
       on conflict (name) do update set paused_until = excluded.paused_until`,
      [name, until],
    );
  const pair: PoolRoutes = {
    ...east,
    routes: [{ route, deployments: ['east-2', 'spare'], isShared: true }],
  };
  await pause('east-2', '1 hour');
  await pause('spare', '1 hour');
  expect(await takeWindow(db, pair, 8)).toEqual([]);
  // The probe of the deployment is due.
  await pause('spare', '-1 second');
  expect(idsOf(await takeWindow(db, pair, 8))).toEqual([id]);
  expect(await readRow(records, id!)).toMatchObject({ pool: 'east' });
});

test('a job that is heavier than a minute of a pool goes to the other one', async () => {
  const small = { ...east, ipm: 2, tpm: 10_000 };
  const light = await addJob(records, { route, n: 2, tokens_estimated: 9_000 });
  const images = await addJob(records, { route, n: 3, tokens_estimated: 9_000 });
  const tokens = await addJob(records, { route, n: 1, tokens_estimated: 11_000 });
  expect(idsOf(await takeWindow(db, small, 8))).toEqual([light]);
  expect(idsOf(await takeWindow(db, west, 8))).toEqual([images, tokens].toSorted());
  // Nor does the small pool take them over, though it is free.
  await database.query(
    `update kiln.pools set next_start_at = clock_timestamp() + interval '1 hour'
    where name = 'west'`,
  );
  expect(await takeOver(db, small, 8)).toEqual([]);
});

test('the last jobs go by what they weigh: heavy ones fill a pool sooner', async () => {
  const metered = { rpm: null, ipm: 6, intervalMs: 10_000, imageMs: 10_000, catchUpMs: 0 };
  await savePools(db, [{ name: 'east', ...metered }]);
  // East needs 40 s for each of these jobs, west 10 s.
  for (let added = 0; added < 5; added += 1) await addJob(records, { route, n: 4 });
  await takeWindow(db, east, 8);
  await takeAllOver(west);
  expect(await waitingIn('east')).toHaveLength(1);
  expect(await waitingIn('west')).toHaveLength(4);
});
