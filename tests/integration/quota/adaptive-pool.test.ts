/**
 * How a pool adapts: a slower pace after refusals without a hint, a pause after faults of its
 * deployments, and the way back from both.
 */
import { createPoolGuard, setPaused } from '@kiln/shared/quota/pool-guard';
import { savePools } from '@kiln/shared/records/pools';
import { beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { openTestRecords } from '../records/support.ts';

const { db, pool: database } = await openTestRecords();
/** Tests let this time pass with `age` and never wait for it. */
const minuteMs = 60_000;
const guard = createPoolGuard(database, { minuteMs });
const open = { rpm: 12, intervalMs: minuteMs / 12, catchUpMs: 0 };

/** Pauses the pool: its only deployment has a fault. */
function pause() {
  return guard.pause({ name: 'default', deployments: ['simulator'] }, 'simulator', {
    code: 'pool_paused_auth',
  });
}

beforeEach(async () => {
  await database.query(`
    update kiln.pools set next_start_at = 'epoch', blocked_until = null, pace_share = 1,
      refusals = 0, adjusted_at = 'epoch', paused_by = null, probe_ms = null, probing = false,
      announced = false`);
  await database.query('delete from kiln.events');
  await database.query('delete from kiln.paused_deployments');
  await savePools(db, [{ name: 'default', ...open }]);
});

interface Row {
  pace_share: number;
  refusals: number;
  paused_by: string | null;
  blocked_until: Date | null;
}

async function read(): Promise<Row> {
  return (await database.query<Row>(`select * from kiln.pools where name = 'default'`)).rows[0]!;
}

/** Makes the pool's times older, as if this much time had passed. */
async function age(ms: number): Promise<void> {
  await database.query(
    `update kiln.pools set adjusted_at = adjusted_at - $1 * interval '1 millisecond',
       next_start_at = 'epoch', blocked_until = blocked_until - $1 * interval '1 millisecond'`,
    [ms],
  );
}

async function eventsOf(): Promise<string[]> {
  const { rows } = await database.query<{ type: string }>(
    'select type from kiln.events order by seq',
  );
  return rows.map(({ type }) => type);
}

/** A refusal without a hint, of a call that was started just now. */
const unhinted = { waitMs: null, reason: 'rate_limited', startedMsAgo: 0 };

test('a hint blocks the pool for as long as it says, and the pace stays', async () => {
  expect(
    await guard.refused('default', { waitMs: 300, reason: 'rate_limited', startedMsAgo: 0 }),
  ).toEqual({
    waitMs: 300,
    paceShare: 1,
  });
});

test('refusals without a hint: longer waits, up to a minute, and a slower pace', async () => {
  const first = await guard.refused('default', unhinted);
  expect(first).toEqual({ waitMs: minuteMs / 12, paceShare: 0.7 });
  await age(minuteMs / 2);
  const second = await guard.refused('default', unhinted);
  expect(second.waitMs).toBe(minuteMs / 6);
  expect(second.paceShare).toBeCloseTo(0.49);
  for (let round = 0; round < 12; round += 1) {
    await age(minuteMs * 10);
    await guard.refused('default', unhinted);
  }
  await age(minuteMs * 10);
  expect(await guard.refused('default', unhinted)).toEqual({ waitMs: minuteMs, paceShare: 0.1 });
});

test('twelve calls that are refused together count as one refusal', async () => {
  const waits = await Promise.all(
    Array.from({ length: 12 }, () =>
      guard.refused('default', { ...unhinted, startedMsAgo: 60_000 }),
    ),
  );
  expect(await read()).toMatchObject({ pace_share: 0.7, refusals: 1 });
  expect(new Set(waits.map(({ waitMs }) => waitMs))).toEqual(new Set([minuteMs / 12]));
});

test('calls that were started before the pace slowed do not slow it further', async () => {
  const startedMs = minuteMs;
  const first = await guard.refused('default', { ...unhinted, startedMsAgo: startedMs });
  expect(first.paceShare).toBe(0.7);
  let sinceMs = 0;
  let refusedAtMs = 0;
  for (const passedMs of [10, 500, minuteMs, minuteMs * 10]) {
    await age(passedMs);
    sinceMs += passedMs;
    refusedAtMs = Date.now();
    const later = await guard.refused('default', {
      ...unhinted,
      startedMsAgo: sinceMs + startedMs,
    });
    expect(later).toEqual(first);
  }
  expect(await read()).toMatchObject({ refusals: 1 });
  // But each of them keeps the pool closed.
  expect((await read()).blocked_until!.getTime()).toBeGreaterThanOrEqual(
    refusedAtMs + first.waitMs,
  );

  // A call that was started since then shows that the pace is still too fast.
  await age(1_000);
  const { paceShare } = await guard.refused('default', { ...unhinted, startedMsAgo: 900 });
  expect(paceShare).toBeCloseTo(0.49);
});

test('a second refusal in a row slows the pace even with a hint', async () => {
  await guard.refused('default', { waitMs: 10, reason: 'rate_limited', startedMsAgo: 0 });
  await age(minuteMs / 2);
  expect(
    await guard.refused('default', { waitMs: 10, reason: 'rate_limited', startedMsAgo: 0 }),
  ).toMatchObject({
    paceShare: 0.7,
  });
  await guard.answered('default', 'simulator');
  await age(minuteMs / 2);
  expect(
    await guard.refused('default', { waitMs: 10, reason: 'rate_limited', startedMsAgo: 0 }),
  ).toMatchObject({
    paceShare: 0.7,
  });
});

test('a pool with a pace share of a half starts at half the pace', async () => {
  await savePools(db, [{ name: 'default', rpm: 1, intervalMs: 60_000, catchUpMs: 0 }]);
  await database.query(`update kiln.pools set pace_share = 0.5, adjusted_at = clock_timestamp()`);
  await guard.take('default');
  const next = await guard.take('default');
  expect(next.status === 'wait' && next.waitMs).toBeGreaterThan(90_000);
});

test('the pace recovers by a twentieth in each minute without a refusal', async () => {
  await database.query(`update kiln.pools set pace_share = 0.5, adjusted_at = clock_timestamp()`);
  expect(await guard.take('default')).toMatchObject({ status: 'taken', watched: false });
  await age(minuteMs);
  await guard.take('default');
  expect((await read()).pace_share).toBeCloseTo(0.55);
  for (let round = 0; round < 12; round += 1) {
    await age(minuteMs);
    await guard.take('default');
  }
  expect((await read()).pace_share).toBe(1);
});

test('a paused pool alarms once, and single calls probe it ever more rarely', async () => {
  const paused = await Promise.all(Array.from({ length: 5 }, () => pause()));
  expect(paused.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(new Set(paused.map(({ pool }) => pool.waitMs))).toEqual(new Set([minuteMs]));
  expect(await guard.take('default')).toMatchObject({ status: 'wait', blocked: true });

  await age(minuteMs);
  expect(await guard.take('default')).toMatchObject({ status: 'taken', watched: true });
  await database.query(`update kiln.pools set next_start_at = 'epoch'`);
  // While the probe is under way no other call may start.
  expect(await guard.take('default')).toMatchObject({ status: 'wait', blocked: true });
  expect(await pause()).toMatchObject({
    isNew: false,
    pool: { isPaused: true, isNew: false, waitMs: minuteMs * 2 },
  });
  for (let round = 0; round < 6; round += 1) {
    await age(minuteMs * 20);
    await guard.take('default');
    await pause();
  }
  // Calls that were under way before the pause say nothing new.
  expect(await pause()).toMatchObject({
    isNew: false,
    pool: { isPaused: true, isNew: false, waitMs: minuteMs * 15 },
  });

  expect(await guard.answered('default', 'simulator')).toEqual({ wasPaused: true });
  expect(await read()).toMatchObject({ paused_by: null, blocked_until: null });
  expect(await eventsOf()).toEqual(['pool.blocked', 'pool.resumed']);
});

test('a block of a minute or more has an event, and so has the start after it', async () => {
  await guard.refused('default', { waitMs: minuteMs - 1, reason: 'rate_limited', startedMsAgo: 0 });
  expect(await eventsOf()).toEqual([]);
  await guard.refused('default', { waitMs: minuteMs, reason: 'rate_limited', startedMsAgo: 0 });
  await guard.refused('default', { waitMs: minuteMs * 2, reason: 'rate_limited', startedMsAgo: 0 });
  expect(await eventsOf()).toEqual(['pool.blocked']);
  await age(minuteMs * 2);
  await guard.take('default');
  expect(await eventsOf()).toEqual(['pool.blocked', 'pool.resumed']);
});

test('only an operator ends the pause of an operator', async () => {
  expect(await setPaused(database, 'default', true)).toBe(true);
  expect(await guard.take('default')).toMatchObject({ status: 'wait', blocked: true });
  await guard.answered('default', 'simulator');
  await pause();
  await age(minuteMs * 60);
  expect(await guard.take('default')).toMatchObject({ status: 'wait', blocked: true });
  expect(await setPaused(database, 'default', false)).toBe(true);
  expect(await waitFor(() => guard.take('default'), { what: 'a start' })).toMatchObject({
    status: 'taken',
  });
  expect(await eventsOf()).toEqual(['pool.blocked', 'pool.resumed']);
  expect(await setPaused(database, 'elsewhere', true)).toBe(false);
});
