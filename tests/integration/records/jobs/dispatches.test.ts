/** The dispatch window: which jobs are next, how many, and no job to two dispatchers. */
import { listDispatches, returnDispatches, takeWindow } from '@kiln/shared/records/jobs/dispatches';
import { changeJob } from '@kiln/shared/records/queue/change-job';
import { beforeEach, expect, test } from 'vitest';
import { addJob, leaseMs, openTestRecords, pool, readRow, routes } from '../support.ts';
import { claimJob } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db } = records;

beforeEach(async () => {
  await records.pool.query('truncate kiln.jobs cascade');
});

test('jobs are dispatched by priority, then by fair-share tag, then by age', async () => {
  const bulkLate = await addJob(records, { priority: 1, fair_tag: 7 });
  const bulkEarly = await addJob(records, { priority: 1, fair_tag: 3 });
  const older = await addJob(records, { priority: 0 });
  const newer = await addJob(records, { priority: 0 });
  const bulkSame = await addJob(records, { priority: 1, fair_tag: 7 });
  const order: string[] = [];
  for (let window = 1; window <= 5; window += 1) {
    const taken = await takeWindow(db, pool, window);
    expect(taken).toHaveLength(1);
    order.push(...taken.map(({ id }) => id));
  }
  expect(order).toEqual([older, newer, bulkEarly, bulkLate, bulkSame]);
});

test('claimed jobs make room in the window, and it never holds too many', async () => {
  for (let count = 0; count < 12; count += 1) await addJob(records);
  const first = await takeWindow(db, pool, 5);
  expect(first).toHaveLength(5);
  expect(await takeWindow(db, pool, 5)).toEqual([]);
  for (const { id, dispatchNo } of first.slice(0, 2))
    await claimJob(db, { jobId: id, dispatchNo, worker: 'wrk_1' }, leaseMs);
  expect(await takeWindow(db, pool, 5)).toHaveLength(2);
  // A smaller window takes nothing until enough of its jobs were claimed.
  expect(await takeWindow(db, pool, 3)).toEqual([]);
});

test('an interactive job is dispatched although bulk jobs fill the window', async () => {
  for (let count = 0; count < 8; count += 1) await addJob(records, { priority: 1 });
  expect(await takeWindow(db, pool, 5)).toHaveLength(5);
  const interactive = [await addJob(records), await addJob(records)];
  expect((await takeWindow(db, pool, 5)).map(({ id }) => id)).toEqual(interactive);
  expect(await takeWindow(db, pool, 5)).toEqual([]);
  // Interactive jobs take their own room and that of bulk jobs.
  for (let count = 0; count < 8; count += 1) await addJob(records);
  expect(await takeWindow(db, pool, 5)).toHaveLength(3);
  expect(await takeWindow(db, pool, 10)).toHaveLength(5);
});

test('a job that came back is marked, and dispatched before the others of its kind', async () => {
  await addJob(records);
  const [first] = await takeWindow(db, pool, 1);
  expect(first).toMatchObject({ fairTag: 0 });
  await returnDispatches(db, [first!]);
  await addJob(records);
  const again = await takeWindow(db, pool, 2);
  expect(again.map(({ id, fairTag }) => [id === first!.id, fairTag])).toEqual([
    [true, -1],
    [false, 0],
  ]);
});

test('a job that was asked to run next stays the next one when it comes back', async () => {
  const [returned, , asked] = [await addJob(records), await addJob(records), await addJob(records)];
  const isAsked = await changeJob(db, 'default', asked, { runsNext: true }, routes);
  expect(isAsked).toBe(true);
  const taken = await takeWindow(db, pool, 2);
  expect(taken.map(({ id }) => id)).toEqual([asked, returned]);
  await returnDispatches(db, taken);
  expect((await takeWindow(db, pool, 2)).map(({ id, fairTag }) => [id, fairTag])).toEqual([
    [asked, taken[0]!.fairTag],
    [returned, -1],
  ]);
});

test('ten concurrent dispatchers take every job once', async () => {
  for (let count = 0; count < 60; count += 1) await addJob(records);
  const taken = (
    await Promise.all(Array.from({ length: 10 }, () => takeWindow(db, pool, 60)))
  ).flat();
  expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
  const rest = await takeWindow(db, pool, 60);
  expect(taken.length + rest.length).toBe(60);
  for (const { id } of taken) expect(await readRow(records, id)).toMatchObject({ dispatch_no: 1 });
});

test('a pool takes no jobs of routes that it does not serve', async () => {
  const [mine, foreign] = [
    await addJob(records),
    await addJob(records, { route: 'gpt-image-1-mini' }),
  ];
  expect((await takeWindow(db, pool, 10)).map(({ id }) => id)).toEqual([mine]);
  expect(await readRow(records, foreign)).toMatchObject({ dispatched_at: null, pool: null });
});

test('a job that rests before a retry takes no room in the window', async () => {
  const resting = await addJob(records);
  await takeWindow(db, pool, 1);
  const next = await addJob(records);
  expect(await takeWindow(db, pool, 1)).toEqual([]);
  await records.pool.query(
    "update kiln.jobs set available_at = now() + interval '1 minute' where id = $1",
    [resting],
  );
  expect((await takeWindow(db, pool, 1)).map(({ id }) => id)).toEqual([next]);
});

test('returning a dispatch leaves a later dispatch of the same job alone', async () => {
  const id = await addJob(records);
  const [first] = await takeWindow(db, pool, 10);
  expect(await returnDispatches(db, [first!])).toBe(1);
  expect(await readRow(records, id)).toMatchObject({ dispatched_at: null });
  const [second] = await takeWindow(db, pool, 10);
  expect(second).toMatchObject({ id, dispatchNo: 2 });
  expect(await returnDispatches(db, [first!])).toBe(0);
  expect((await readRow(records, id)).dispatched_at).not.toBeNull();

  await claimJob(db, { jobId: id, dispatchNo: 2, worker: 'wrk_1' }, leaseMs);
  expect(await returnDispatches(db, [second!])).toBe(0);
  expect(await returnDispatches(db, [])).toBe(0);
});

test('only dispatches that had time to reach the engine are listed', async () => {
  const id = await addJob(records);
  await takeWindow(db, pool, 10);
  expect(await listDispatches(db, 'default', 60_000)).toEqual([]);
  expect(await listDispatches(db, 'default', 0)).toEqual([{ id, dispatchNo: 1 }]);
  await claimJob(db, { jobId: id, dispatchNo: 1, worker: 'wrk_1' }, leaseMs);
  expect(await listDispatches(db, 'default', 0)).toEqual([]);
});
