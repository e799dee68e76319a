/** The gate in front of the guard: who waits in this process, who is sent away, and for how long. */
import { createPoolGuard } from '@kiln/shared/quota/pool-guard';
import { savePools } from '@kiln/shared/records/pools';
import { createStartGate } from '@kiln/shared/services/start-gate';
import { expect, test } from 'vitest';
import { log, openTestRecords } from '../records/support.ts';

async function openGate(intervalMs: number) {
  const { db, pool } = await openTestRecords();
  const pace = { intervalMs, catchUpMs: 0 };
  await savePools(db, [{ name: 'default', rpm: 60_000 / intervalMs, ...pace }]);
  const stopping = new AbortController();
  const guard = createPoolGuard(pool, { minuteMs: 60_000 });
  return {
    guard,
    stopping,
    gate: createStartGate({ guard, pools: [{ name: 'default', pace }], stopping: stopping.signal, log }),
  };
}

test('as many wait as start within a second; the others are sent away for as long as those need', async () => {
  const { gate } = await openGate(200);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => gate.take('default')));
  expect(outcomes.map(({ status }) => status).join(' ')).toBe(
    'taken taken taken taken taken later later later',
  );
  expect(outcomes.at(-1)).toEqual({ status: 'later', delayMs: 1_000 });
});

test('nobody waits for a pool that is blocked for long', async () => {
  const { gate, guard } = await openGate(10);
  await guard.refused('default', { waitMs: 60_000, reason: 'rate_limited', startedMsAgo: 0 });
  const outcome = await gate.take('default');
  expect(outcome.status === 'later' && outcome.delayMs > 55_000 && outcome.delayMs <= 60_000).toBe(true);
});

test('a stop sends away who waits', async () => {
  const { gate, stopping } = await openGate(60_000);
  expect(await gate.take('default')).toMatchObject({ status: 'taken' });
  const waiting = [gate.take('default'), gate.take('default')];
  stopping.abort();
  expect(await Promise.all(waiting)).toEqual([
    { status: 'later', delayMs: 0 },
    { status: 'later', delayMs: 0 },
  ]);
});
