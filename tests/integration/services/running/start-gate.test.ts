/** The start gate: the order in which jobs get starts, and when they may use them. */
import { paceOf, type Pace } from '@kiln/shared/quota/pace';
import { createPoolGuard, setPaused } from '@kiln/shared/quota/pool-guard';
import { savePools } from '@kiln/shared/records/pools';
import {
  createStartGate,
  type GateOutcome,
  type Start,
} from '@kiln/shared/services/running/gate/start-gate';
import { expect, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';
import { log, openTestRecords } from '../../records/support.ts';

const [interactive, bulk] = [0, 1];

/** @param rpm the quota; a minute is 60 s, so slices are as long as a provider's */
async function openGate(rpm: number, callsAtATime = 1_000, changes: Partial<Pace> = {}) {
  const { db, pool } = await openTestRecords();
  const minuteMs = 60_000;
  const pace = { ...paceOf({ rpm, ipm: null, tpm: null }, minuteMs), ...changes };
  await savePools(db, [{ name: 'default', rpm, ...pace }]);
  const stopping = new AbortController();
  const guard = createPoolGuard(pool, { minuteMs });
  const pools = [{ name: 'default', pace, callsAtATime }];
  const gate = createStartGate({ guard, pools, minuteMs, stopping: stopping.signal, log });
  const take = (priority = bulk, ticket = gate.enter().ticket) =>
    gate.take('default', { priority, ticket });
  return {
    guard,
    pool,
    pace,
    stopping,
    gate,
    take,
    async takeStart(): Promise<Start> {
      const outcome = await take();
      if (outcome.status !== 'taken') throw new Error('nothing was granted');
      return outcome.start;
    },
    async nextInMs(): Promise<number> {
      const { rows } = await pool.query<{ ms: number }>(
        `select (extract(epoch from next_start_at - clock_timestamp()) * 1000)::float8 as ms
         from kiln.pools`,
      );
      return rows[0]!.ms;
    },
  };
}

test('jobs get their starts early, and their requests are sent at an even pace', async () => {
  const { gate, takeStart, pace } = await openGate(600);
  const early: number[] = [];
  const sentAtMs: number[] = [];
  /** The gate's log has them: this test reads the clock later, and not always as much later. */
  const loggedAtMs: number[] = [];
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      let start = await takeStart();
      early.push(start.atMs - performance.now());
      // A busy machine may miss a start, and the job takes another one.
      while (!(await gate.untilDue('default', start))) start = await takeStart();
      sentAtMs.push(performance.now());
      loggedAtMs.push(start.sent!.writtenAtMs);
      gate.requestWritten('default', start);
    }),
  );
  expect(early.some((ms) => ms > 0)).toBe(true);
  const gaps = loggedAtMs.slice(1).map((at, index) => at - loggedAtMs[index]!);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(pace.intervalMs * 0.75 - 1);
  // Ten of 600 a minute fill a second.
  expect(sentAtMs[10]! - sentAtMs[0]!).toBeGreaterThan(1_000);
  expect(sentAtMs[11]! - sentAtMs[1]!).toBeGreaterThan(1_000);
});

test('interactive jobs start first, and jobs of a kind in the order of their tickets', async () => {
  const { gate, take, stopping } = await openGate(600);
  const order: string[] = [];
  const start = async (name: string, priority: number, ticket: number) => {
    if ((await take(priority, ticket)).status === 'taken') order.push(name);
  };
  const tickets = Array.from({ length: 10 }, () => gate.enter().ticket);
  // Jobs take different times to prepare, so they come to the gate in another order.
  const all = [
    start('first', bulk, tickets[0]!),
    start('bulk 2', bulk, tickets[5]!),
    start('bulk 1', bulk, tickets[2]!),
    start('interactive 2', interactive, tickets[8]!),
    start('interactive 1', interactive, tickets[3]!),
  ];
  await waitFor(() => order.length >= 4, { what: 'four starts' });
  expect(order.filter((name) => name.startsWith('interactive'))).toEqual([
    'interactive 1',
    'interactive 2',
  ]);
  expect(order.indexOf('bulk 1')).toBeGreaterThan(order.indexOf('interactive 2'));
  stopping.abort();
  await Promise.all(all);
  expect(order.indexOf('bulk 2')).not.toBe(order.indexOf('bulk 1') - 1);
});

test('jobs that are claimed at the same time reach the gate in their order', async () => {
  const { gate } = await openGate(600);
  const places = [gate.enter(), gate.enter(), gate.enter()];
  const order: number[] = [];
  const claimed = (index: number) => places[index]!.claimed().then(() => order.push(index));
  const [third, second] = [claimed(2), claimed(1)];
  await claimed(0);
  await Promise.all([second, third]);
  expect(order).toEqual([0, 1, 2]);
});

test('a start that is much too late is not used', async () => {
  const { gate, takeStart, pace } = await openGate(600);
  const start = await takeStart();
  const lateBy = (ms: number) => ({ ...start, atMs: performance.now() - ms });
  expect(await gate.untilDue('default', lateBy(pace.latestMs + 100))).toBe(false);
  expect(await gate.untilDue('default', lateBy(pace.latestMs / 2))).toBe(true);
  // The call that probes a paused deployment is made in any case.
  expect(await gate.untilDue('default', lateBy(pace.latestMs + 100), true)).toBe(true);
});

test('a job that prepares for longer than a start may wait gets the next one in time', async () => {
  const { gate, takeStart } = await openGate(6_000, 1_000, { latestMs: 400 });
  const used: boolean[] = [];
  // The pool is at rest each time, so its next start is due at once.
  for (let job = 0; job < 3; job += 1) {
    const start = await takeStart();
    const takenAtMs = performance.now();
    await waitFor(() => performance.now() - takenAtMs > 1_000, { what: 'the job to be prepared' });
    used.push(await gate.untilDue('default', start));
  }
  expect(used).toEqual([false, true, true]);
});

test('a start that no request was made with goes to the next job', async () => {
  const { gate, takeStart, take } = await openGate(6);
  const start = await takeStart();
  const waiting = take();
  gate.giveBack('default', start);
  gate.finished('default');
  const next = await waiting;
  expect(next.status === 'taken' && next.start.atMs).toBe(start.atMs);
});

test('no more calls are made at a time than the process allows', async () => {
  const { gate, take } = await openGate(6_000, 2);
  const taken: GateOutcome[] = [];
  const all = Array.from({ length: 3 }, async () => taken.push(await take()));
  await waitFor(() => taken.length === 2, { what: 'two starts' });
  gate.finished('default');
  await Promise.all(all);
  expect(taken.map(({ status }) => status)).toEqual(['taken', 'taken', 'taken']);
});

test('a request that was written late keeps the next start away', async () => {
  const { gate, takeStart, nextInMs, pace } = await openGate(6);
  const start = await takeStart();
  expect(await gate.untilDue('default', start)).toBe(true);
  start.atMs -= 4_000; // its request is written four seconds late
  gate.requestWritten('default', start);
  await waitFor(async () => (await nextInMs()) > pace.intervalMs + 3_000, {
    what: 'the schedule to be postponed',
  });
});

test('a late request is sent when the schedule has made room for it', async () => {
  const { gate, takeStart, pool, pace } = await openGate(6);
  const readNextMs = async (): Promise<number> => {
    const { rows } = await pool.query<{ ms: number }>(
      'select (extract(epoch from next_start_at) * 1000)::float8 as ms from kiln.pools',
    );
    return rows[0]!.ms;
  };
  const start = await takeStart();
  const nextMs = await readNextMs();
  // Above this the start would not be used.
  start.atMs = performance.now() - pace.latestMs / 2;
  expect(await gate.untilDue('default', start)).toBe(true);
  expect((await readNextMs()) - nextMs).toBeGreaterThan(pace.latestMs / 2 - 100);
});

test('a late request is not sent when the schedule cannot make room for it', async () => {
  const { gate, takeStart, guard, pace } = await openGate(6);
  const start = await takeStart();
  guard.postpone = () => Promise.reject(new Error('the database is away'));
  start.atMs = performance.now() - pace.latestMs / 2;
  expect(await gate.untilDue('default', start)).toBe(false);
  // The call that probes a paused deployment is made in any case.
  expect(await gate.untilDue('default', start, true)).toBe(true);
});

test('a pool that is blocked for long sends every job away', async () => {
  const { take, guard } = await openGate(6_000);
  const refusedAtMs = performance.now();
  await guard.refused('default', {
    waitMs: 60_000,
    reason: 'rate_limited',
    startedMsAgo: 0,
  });
  const outcome = await take();
  const leastMs = 55_000 - (performance.now() - refusedAtMs);
  expect(
    outcome.status === 'closed' && outcome.delayMs > leastMs && outcome.delayMs <= 60_000,
  ).toBe(true);
});

test('jobs that a closed pool has sent away return at the pace, within a minute', async () => {
  const { take, guard, pool } = await openGate(6);
  await guard.refused('default', { waitMs: 30_000, reason: 'rate_limited', startedMsAgo: 0 });
  const delays: number[] = [];
  for (let index = 0; index < 6; index++) {
    const outcome = await take();
    delays.push(
      outcome.status === 'closed' ? Math.round(outcome.delayMs / 10_000) * 10 : Number.NaN,
    );
  }
  expect(delays).toEqual([30, 40, 50, 60, 60, 60]);
  expect(await guard.isClosed('default')).toBe(true);

  await setPaused(pool, 'default', false);
  expect(await guard.isClosed('default')).toBe(false);
  expect(await take()).toMatchObject({ status: 'taken' });
  await guard.refused('default', { waitMs: 30_000, reason: 'rate_limited', startedMsAgo: 0 });
  const later = await take();
  expect(later.status === 'closed' && Math.round(later.delayMs) <= 30_000).toBe(true);
});

test('at a stop, jobs that wait are sent away', async () => {
  const { take, stopping } = await openGate(1);
  expect(await take()).toMatchObject({ status: 'taken' });
  const waiting = [take(), take()];
  stopping.abort();
  expect(await Promise.all(waiting)).toEqual([
    { status: 'later', delayMs: 0 },
    { status: 'later', delayMs: 0 },
  ]);
});

test('at a stop, no call begins, because nothing would wait for it', async () => {
  const { gate, takeStart, stopping } = await openGate(600);
  const [start, next] = [await takeStart(), await takeStart()];
  const early = gate.untilDue('default', { ...start, atMs: performance.now() + 200 });
  stopping.abort();
  expect(await early).toBe(false);
  expect(await gate.untilDue('default', next)).toBe(false);
  expect(await gate.untilDue('default', next, true)).toBe(false);
});
