/** The pool guard: how close starts are, how many, and what blocks them. */
import { lightestStart } from '@kiln/shared/domain/quota';
import { paceOf } from '@kiln/shared/quota/pace';
import { createPoolGuard, type PoolGuard, type StartOutcome } from '@kiln/shared/quota/pool-guard';
import { savePools } from '@kiln/shared/records/pools';
import { beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { openTestRecords } from '../records/support.ts';

const records = await openTestRecords();
const { db, pool: database } = records;
const guard = createPoolGuard(database, { minuteMs: 60_000 });
const minuteMs = 4_000;
const rpm = 40;
const pace = paceOf({ rpm, ipm: null, tpm: null }, minuteMs);

async function save(
  changes: Partial<{ rpm: number; intervalMs: number; catchUpMs: number }> = {},
): Promise<void> {
  await savePools(db, [{ name: 'default', rpm, ...pace, ...changes }]);
}

interface Row {
  rpm: number;
  next_start_at: Date;
  blocked_until: Date | null;
  blocked_reason: string | null;
  now: Date;
}

async function read(): Promise<Row> {
  const { rows } = await database.query<Row>(
    "select *, clock_timestamp() as now from kiln.pools where name = 'default'",
  );
  return rows[0]!;
}

beforeEach(async () => {
  await database.query(
    `update kiln.pools set next_start_at = 'epoch', blocked_until = null, blocked_reason = null,
      pace_share = 1, refusals = 0, adjusted_at = 'epoch', paused_by = null, probe_ms = null,
      announced = false`,
  );
  await save();
});

/**
 * Makes a trigger record the time of every grant by the database's clock. A busy machine may run
 * the trigger late, so a later time is replaced by the latest possible one: the next start, less a
 * spacing, plus the catch-up.
 */
async function recordGrants(): Promise<void> {
  await database.query(`
    create table if not exists public.grants (at timestamptz not null);
    create or replace function public.record_grant() returns trigger language plpgsql as $$
      begin
        insert into public.grants values (
          least(clock_timestamp(),
            new.next_start_at - (new.interval_ms - new.catch_up_ms) * interval '1 millisecond'));
        return new;
      end $$;
    truncate public.grants;
    drop trigger if exists grants on kiln.pools;
    create trigger grants before update on kiln.pools for each row
      when (new.next_start_at is distinct from old.next_start_at)
      execute function public.record_grant()`);
}

/** So many starts of the least weight. */
function starts(count: number) {
  return Array.from({ length: count }, () => lightestStart);
}

async function takeOne(own: PoolGuard): Promise<StartOutcome> {
  return waitFor(
    async () =>
      (({ start }) => start.status === 'taken' && start)({ start: await own.take('default') }),
    {
      what: 'a start',
    },
  );
}

/** How long fifty takers at once needed for their starts, which are never too close. */
async function takeFifty(): Promise<number> {
  await recordGrants();
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const own = createPoolGuard(database, { minuteMs: 60_000 });
      await takeOne(own);
    }),
  );
  const { rows } = await database.query<{ ms: number }>(
    'select (extract(epoch from at) * 1000)::float8 as ms from public.grants order by at',
  );
  await database.query('drop trigger grants on kiln.pools');
  const starts = rows.map(({ ms }) => ms);
  expect(starts).toHaveLength(50);
  // Compare any two starts, and so also the first and the last of a minute. The first one may be
  // recorded up to a catch-up too late.
  const tooClose = starts.flatMap((from, first) =>
    starts.slice(first + 1).flatMap((to, index) => {
      const least = (index + 1) * (pace.intervalMs - pace.catchUpMs) - pace.catchUpMs - 0.1;
      return to - from < least ? [`${index + 2} starts within ${(to - from).toFixed(1)} ms`] : [];
    }),
  );
  expect(tooClose).toEqual([]);
  return starts.at(-1)! - starts[0]!;
}

test('fifty takers at once get starts that are never closer than the pace allows', async () => {
  // Nearly all of the quota is used: a guard that is only slow is never fast enough, but a busy
  // machine is at times.
  await waitFor(async () => (await takeFifty()) < 49 * pace.intervalMs * 1.5, {
    what: 'fifty starts at the pace',
  });
});

test('one of fifty takers gets the first start; the others learn how long to wait', async () => {
  await save({ intervalMs: 60_000, catchUpMs: 100 });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => guard.take('default')));
  expect(outcomes.filter(({ status }) => status === 'taken')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'taken') continue;
    expect(outcome.blocked).toBe(false);
    expect(outcome.waitMs).toBeGreaterThan(0);
    expect(outcome.waitMs).toBeLessThanOrEqual(60_000);
    expect(Number.isInteger(outcome.waitMs)).toBe(true);
  }
});

/** How many of the wanted starts are granted now. */
async function takeSome(wanted: number): Promise<number> {
  const outcome = await guard.take('default', starts(wanted));
  return outcome.status === 'taken' ? outcome.startsAtMs.length : 0;
}

test('several starts are granted together only if single takes would get them', async () => {
  await save({ intervalMs: 60_000, catchUpMs: 10 });
  expect(await takeSome(50)).toBe(1);
  expect(await takeSome(50)).toBe(0);

  // A catch-up may span several spacings. Then several starts are granted together: those of the
  // catch-up and one more, however late the pool is.
  await database.query(
    "update kiln.pools set next_start_at = clock_timestamp() - interval '1 hour'",
  );
  await save({ intervalMs: 10_000, catchUpMs: 100_000 });
  expect(await takeSome(4)).toBe(4);
  expect(await takeSome(50)).toBe(7);
  const { next_start_at: next, now } = await read();
  expect(next.getTime()).toBeGreaterThan(now.getTime());
  expect(next.getTime()).toBeLessThanOrEqual(now.getTime() + 10_000);
});

test('a blocked pool grants nothing, says for how long, and keeps the reason', async () => {
  const refusedAtMs = performance.now();
  await guard.refused('default', { waitMs: 30_000, reason: 'rate_limited', startedMsAgo: 0 });
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => guard.take('default')));
  const leastMs = 25_000 - (performance.now() - refusedAtMs);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'wait', blocked: true });
    expect(outcome.status === 'wait' && outcome.waitMs > leastMs && outcome.waitMs <= 30_000).toBe(
      true,
    );
  }
  expect(await read()).toMatchObject({ blocked_reason: 'rate_limited' });
});

test('a shorter block does not replace a longer one; a longer one does', async () => {
  await guard.refused('default', { waitMs: 60_000, reason: 'pool_paused_auth', startedMsAgo: 0 });
  const first = await read();
  await guard.refused('default', { waitMs: 1_000, reason: 'rate_limited', startedMsAgo: 0 });
  expect(await read()).toMatchObject({
    blocked_until: first.blocked_until,
    blocked_reason: 'pool_paused_auth',
  });
  await guard.refused('default', {
    waitMs: 120_000,
    reason: 'pool_paused_billing',
    startedMsAgo: 0,
  });
  const last = await read();
  expect(last.blocked_reason).toBe('pool_paused_billing');
  expect(last.blocked_until!.getTime()).toBeGreaterThan(first.blocked_until!.getTime());
});

test('no block lasts longer than a day', async () => {
  await guard.refused('default', {
    waitMs: 10 * 86_400_000,
    reason: 'rate_limited',
    startedMsAgo: 0,
  });
  const { blocked_until: until, now } = await read();
  expect(until!.getTime() - now.getTime()).toBeLessThanOrEqual(86_400_000);
});

test('a pool grants starts again after its block', async () => {
  await guard.refused('default', { waitMs: 60_000, reason: 'rate_limited', startedMsAgo: 0 });
  expect(await guard.take('default')).toMatchObject({ status: 'wait', blocked: true });
  await database.query("update kiln.pools set blocked_until = blocked_until - interval '59.9 s'");
  expect(await takeOne(guard)).toMatchObject({ status: 'taken' });
});

test('starts are granted ahead of time, each with the time when it is due', async () => {
  await save({ intervalMs: 10_000, catchUpMs: 0 });
  await guard.take('default');
  expect(await guard.take('default', starts(5), { aheadMs: 5_000 })).toMatchObject({
    status: 'wait',
    blocked: false,
  });
  const outcome = await guard.take('default', starts(5), { aheadMs: 35_000 });
  if (outcome.status !== 'taken') throw new Error('nothing was granted');
  const inMs = outcome.startsAtMs.map((atMs) => atMs - outcome.reading.nowMs);
  expect(inMs).toHaveLength(3);
  for (const [index, ms] of inMs.entries()) {
    expect(ms).toBeGreaterThan(index * 10_000);
    expect(ms).toBeLessThanOrEqual((index + 1) * 10_000);
  }
  const { nextAfterMs } = outcome.reading;
  expect(nextAfterMs - outcome.startsAtMs.at(-1)!).toBeCloseTo(10_000, 1);
  // A process that was not alone sees another time than that of its own last statement.
  const next = await guard.take('default');
  expect(next).toMatchObject({ status: 'wait', reading: { nextBeforeMs: nextAfterMs } });
});

test('starts are spaced wider for a process that needs it', async () => {
  await save({ intervalMs: 10_000, catchUpMs: 0 });
  const outcome = await guard.take('default', starts(3), { aheadMs: 30_000, spacingMs: 12_000 });
  if (outcome.status !== 'taken') throw new Error('nothing was granted');
  const [first = 0, second = 0] = outcome.startsAtMs;
  expect(second - first).toBeCloseTo(12_000, 1);
});

test('a start is moved to when its caller can use it, unless it is due later', async () => {
  await save({ intervalMs: 10_000, catchUpMs: 0 });
  const dueInMs: number[] = [];
  for (let call = 0; call < 2; call += 1) {
    const outcome = await guard.take('default', starts(1), { aheadMs: 30_000, usableInMs: 2_000 });
    if (outcome.status !== 'taken') throw new Error('nothing was granted');
    dueInMs.push((outcome.startsAtMs[0] ?? 0) - outcome.reading.nowMs);
  }
  expect(dueInMs[0]).toBeCloseTo(2_000, 0);
  expect(dueInMs[1]).toBeGreaterThan(10_000);
  expect(dueInMs[1]).toBeLessThanOrEqual(12_000);
});

test('a late request postpones the next start, whether starts are granted or not', async () => {
  await save({ intervalMs: 10_000, catchUpMs: 0 });
  await guard.take('default');
  const taken = await read();
  await guard.postpone('default', { postponeMs: 4_000, lateMs: 4_000 });
  const postponed = await read();
  expect(postponed.next_start_at.getTime() - taken.next_start_at.getTime()).toBe(4_000);
  await guard.take('default', starts(1), { postponeMs: 1_000 });
  const again = await read();
  expect(again.next_start_at.getTime() - postponed.next_start_at.getTime()).toBe(1_000);
  await guard.take('default', starts(1), { postponeMs: 2_000, aheadMs: 60_000 });
  const granted = await read();
  expect(granted.next_start_at.getTime() - again.next_start_at.getTime()).toBe(12_000);
});

test('a restart keeps the block and the next start, unless the new pace is faster', async () => {
  await save({ intervalMs: 10_000 });
  await guard.take('default');
  await guard.refused('default', { waitMs: 60_000, reason: 'rate_limited', startedMsAgo: 0 });
  const before = await read();
  await save({ intervalMs: 10_000 });
  expect(await read()).toMatchObject({
    blocked_until: before.blocked_until,
    blocked_reason: 'rate_limited',
  });
  expect((await read()).next_start_at.getTime()).toBe(before.next_start_at.getTime());

  await save({ rpm: 60, intervalMs: 1_000 });
  const { next_start_at: next, now } = await read();
  expect(next.getTime() - now.getTime()).toBeLessThanOrEqual(1_000);
  expect(await read()).toMatchObject({ rpm: 60, interval_ms: 1_000 });
});

test('a pool that is not in the records throws', async () => {
  await expect(guard.take('elsewhere')).rejects.toThrow('there is no pool "elsewhere"');
});
