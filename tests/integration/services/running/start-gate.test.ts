/** The start gate: which jobs wait for a start, which are sent away, and for how long. */
import { createPoolGuard, setPaused } from '@kiln/shared/quota/pool-guard';
import { savePools } from '@kiln/shared/records/pools';
import { createStartGate } from '@kiln/shared/services/running/start-gate';
import type { Start } from '@kiln/shared/services/running/start-validity';
import { expect, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';
import { log, openTestRecords } from '../../records/support.ts';

const [interactive, bulk] = [0, 1];

async function openGate(intervalMs: number, latestMs = intervalMs) {
  const { db, pool } = await openTestRecords();
  const pace = { intervalMs, catchUpMs: 0, latestMs };
  await savePools(db, [{ name: 'default', rpm: 60_000 / intervalMs, ...pace }]);
  const stopping = new AbortController();
  const guard = createPoolGuard(pool, { minuteMs: 60_000 });
  return {
    guard,
    pool,
    stopping,
    gate: createStartGate({
      guard,
      pools: [{ name: 'default', pace }],
      stopping: stopping.signal,
      log,
    }),
  };
}

test('as many jobs wait as start within a second; others return one by one', async () => {
  const { gate } = await openGate(200);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => gate.take('default', bulk)));
  expect(outcomes.map(({ status }) => status).join(' ')).toBe(
    'taken taken taken taken taken later later later',
  );
  const delays = outcomes.flatMap((outcome) =>
    outcome.status === 'later' ? [outcome.delayMs] : [],
  );
  expect(delays.map((delayMs) => Math.round(delayMs / 100))).toEqual([5, 6, 7]);
});

test('a crowd sends no job away for longer than ten seconds', async () => {
  const { gate, stopping } = await openGate(50);
  const waits = Array.from({ length: 20 }, () => gate.take('default', bulk));
  const delays = Array.from(
    { length: 600 },
    () => gate.backoffWhenCrowded('default', bulk) ?? Number.NaN,
  );
  expect(delays.at(100)).toBeGreaterThan(2_500);
  expect(Math.max(...delays)).toBeGreaterThan(9_000);
  expect(Math.round(Math.max(...delays))).toBeLessThanOrEqual(10_000);
  stopping.abort();
  await Promise.all(waits);
});

test('an interactive job waits behind interactive jobs only', async () => {
  const { gate, stopping } = await openGate(100);
  const order: string[] = [];
  const start = async (name: string, priority: number) => {
    if ((await gate.take('default', priority)).status === 'taken') order.push(name);
  };
  await start('first', bulk);
  const crowd = Array.from({ length: 10 }, (_, index) => start(`bulk ${index}`, bulk));
  expect(gate.backoffWhenCrowded('default', bulk)).not.toBeNull();
  await Promise.all([start('one', interactive), start('two', interactive)]);
  expect(order).toEqual(['first', 'one', 'two']);

  const waiting = Array.from({ length: 10 }, () => start('more', interactive));
  expect(Math.round(gate.backoffWhenCrowded('default', interactive) ?? Number.NaN)).toBe(500);
  stopping.abort();
  await Promise.all([...crowd, ...waiting]);
});

test('a pool that is blocked for long sends every job away', async () => {
  const { gate, guard } = await openGate(10);
  await guard.refused('default', {
    waitMs: 60_000,
    reason: 'rate_limited',
    startedMsAgo: 0,
  });
  const outcome = await gate.take('default', bulk);
  expect(outcome.status === 'closed' && outcome.delayMs > 55_000 && outcome.delayMs <= 60_000).toBe(
    true,
  );
});

test('jobs that a closed pool has sent away return at the pace, within a minute', async () => {
  const { gate, guard, pool } = await openGate(10_000);
  await guard.refused('default', { waitMs: 30_000, reason: 'rate_limited', startedMsAgo: 0 });
  const delays: number[] = [];
  for (let index = 0; index < 6; index++) {
    const outcome = await gate.take('default', bulk);
    delays.push(
      outcome.status === 'closed' ? Math.round(outcome.delayMs / 10_000) * 10 : Number.NaN,
    );
  }
  expect(delays).toEqual([30, 40, 50, 60, 60, 60]);
  expect(await guard.isClosed('default')).toBe(true);

  await setPaused(pool, 'default', false);
  expect(await guard.isClosed('default')).toBe(false);
  expect(await gate.take('default', bulk)).toMatchObject({ status: 'taken' });
  await guard.refused('default', { waitMs: 30_000, reason: 'rate_limited', startedMsAgo: 0 });
  const later = await gate.take('default', bulk);
  expect(later.status === 'closed' && Math.round(later.delayMs) <= 30_000).toBe(true);
});

test('of requests written late together, the first and the last are recorded', async () => {
  const { guard, stopping } = await openGate(10);
  let recorded = 0;
  const counting = {
    ...guard,
    requestWritten: async (pool: string, startedMsAgo: number) => {
      recorded += 1;
      await guard.requestWritten(pool, startedMsAgo);
    },
  };
  const pools = [{ name: 'default', pace: { intervalMs: 10, catchUpMs: 4, latestMs: 10 } }];
  const gate = createStartGate({ guard: counting, pools, stopping: stopping.signal, log });
  const writtenAfter = (ms: number) =>
    gate.requestWritten('default', {
      askedAtMs: performance.now() - ms,
      grantedAtMs: 0,
      validMs: 1_000,
    });
  writtenAfter(-60_000); // in time, however busy the machine is
  for (let index = 0; index < 100; index++) writtenAfter(50);
  await waitFor(() => recorded === 2, { what: 'the first and the last to be recorded' });
});

test('at a stop, jobs that wait are sent away', async () => {
  const { gate, stopping } = await openGate(60_000);
  expect(await gate.take('default', bulk)).toMatchObject({ status: 'taken' });
  const waiting = [gate.take('default', bulk), gate.take('default', bulk)];
  stopping.abort();
  expect(await Promise.all(waiting)).toEqual([
    { status: 'later', delayMs: 0 },
    { status: 'later', delayMs: 0 },
  ]);
});

test('a start after one that was too old is valid twice as long, with a gap', async () => {
  const { gate, pool } = await openGate(200);
  const take = async () => {
    const outcome = await gate.take('default', bulk);
    if (outcome.status !== 'taken') throw new Error('nothing was granted');
    return outcome.start;
  };
  const callsAfter = (start: Start, ms: number) =>
    gate.isStartStillValid('default', { ...start, askedAtMs: performance.now() - ms });

  const nextStart = async () => {
    const { rows } = await pool.query<{ atMs: number; inMs: number }>(
      `select (extract(epoch from next_start_at) * 1000)::float8 as "atMs",
        (extract(epoch from next_start_at - clock_timestamp()) * 1000)::float8 as "inMs"
       from kiln.pools`,
    );
    return rows[0]!;
  };

  const first = await take();
  expect(first.validMs).toBe(200);
  expect(callsAfter(first, 120)).toBe(true);
  expect((await take()).validMs).toBe(200);
  expect(callsAfter(first, 240)).toBe(false);
  const second = await take();
  expect(second.validMs).toBe(400);
  expect(callsAfter(second, 440)).toBe(false);
  expect(callsAfter(first, 440)).toBe(false);
  const thirdAtMs = (await nextStart()).atMs;
  const third = await take();
  expect(third.validMs).toBe(800);
  const fourth = await nextStart();
  expect(fourth.inMs).toBeLessThanOrEqual(1_000);
  // The next start is a spacing and the gap away.
  expect(fourth.atMs - thirdAtMs).toBeGreaterThanOrEqual(999);
  expect(callsAfter(third, 700)).toBe(true);
  expect((await take()).validMs).toBe(800);
  expect(callsAfter(third, 20)).toBe(true);
  expect((await take()).validMs).toBe(200);
});

test('a start is not used when the request before it was written too late', async () => {
  const { gate } = await openGate(1_000);
  const startAsked = (msAgo: number): Start => ({
    askedAtMs: performance.now() - msAgo,
    grantedAtMs: 0,
    validMs: 1_000,
  });
  expect(gate.isStartStillValid('default', startAsked(990))).toBe(true);
  expect(gate.isStartStillValid('default', startAsked(0))).toBe(false);
  gate.requestWritten('default', startAsked(600));
  expect(gate.isStartStillValid('default', startAsked(100))).toBe(false);
  await waitFor(() => gate.isStartStillValid('default', startAsked(0)), {
    what: 'nearly a spacing to pass',
  });
});

test('above 60 starts a minute no gap follows a start that is valid for longer', async () => {
  const { gate, pool } = await openGate(50, 1_000);
  const lateBy = (start: Start, ms: number) =>
    gate.isStartStillValid('default', { ...start, askedAtMs: performance.now() - ms });
  const outcome = await gate.take('default', bulk);
  if (outcome.status !== 'taken') throw new Error('nothing was granted');
  expect(lateBy(outcome.start, 1_200)).toBe(false);
  const next = await gate.take('default', bulk);
  expect(next).toMatchObject({ status: 'taken', start: { validMs: 2_000 } });
  expect(lateBy({ ...outcome.start, validMs: 2_000 }, 1_200)).toBe(true);
  const { rows } = await pool.query<{ is_soon: boolean }>(
    `select next_start_at <= clock_timestamp() + interval '50 milliseconds' as is_soon
     from kiln.pools`,
  );
  expect(rows).toEqual([{ is_soon: true }]);
});
