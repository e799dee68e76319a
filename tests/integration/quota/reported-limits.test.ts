/** What a provider says of its own limits: kept per pool, and waited for within reason. */
import type { Quota } from '@kiln/shared/domain/quota';
import type { ReportedLimits } from '@kiln/shared/domain/reported-limits';
import { meterPaceOf, paceOf } from '@kiln/shared/quota/pace';
import { createPoolGuard } from '@kiln/shared/quota/pool-guard';
import { listPools, savePools } from '@kiln/shared/records/pools';
import { createLimitReports } from '@kiln/shared/services/running/limit-reports';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openTestRecords } from '../records/support.ts';
import { openSetClock } from './set-clock.ts';

const minuteMs = 60_000;
const records = await openTestRecords();
const clock = await openSetClock(records.databaseUrl);
atEndOfFile(() => clock.pool.end());
const guard = createPoolGuard(clock.pool, { minuteMs });
let now = 1_900_000_000_000;

async function passTime(ms: number): Promise<void> {
  now += ms;
  await clock.set(now);
}

async function open(limits: Partial<Quota>): Promise<void> {
  const quota = { rpm: null, ipm: null, tpm: null, ...limits };
  await records.pool.query('delete from kiln.pools');
  const pace = { ...paceOf(quota, minuteMs), ...meterPaceOf(quota, minuteMs) };
  await savePools(records.db, [{ name: 'default', ...quota, ...pace }]);
  await passTime(0);
}

/** Takes a start when it is due, and returns how long that took. */
async function start(images = 1): Promise<number> {
  const fromMs = now;
  for (;;) {
    const outcome = await guard.take('default', [{ images, tokens: 100 }]);
    if (outcome.status === 'taken') return now - fromMs;
    await passTime(outcome.waitMs);
  }
}

/** An answer that says that nothing remains of a meter. */
function nothingRemains(meter: 'requests' | 'images' | 'tokens', resetMs: number, limit?: number) {
  const known = limit === undefined ? {} : { [meter]: { limit, remaining: 0, reset_at: null } };
  return guard.reported(
    'default',
    { deployment: 'any', at: 0, ...known },
    { [meter]: { resetMs } },
  );
}

test('a pool waits for the reset when others have used the quota', async () => {
  await open({ rpm: 60 });
  await start();
  expect(await nothingRemains('requests', 8_000, 60)).toBe(8_000);
  expect(await guard.take('default')).toMatchObject({ status: 'wait', blocked: true });
  expect(await start()).toBe(8_000);
});

test('a pool that has used the whole quota itself goes on at its pace', async () => {
  await open({ rpm: 6 });
  for (let index = 0; index < 9; index += 1) await start();
  expect(await nothingRemains('requests', 60_000, 6)).toBeNull();
  expect(await start()).toBeLessThan(11_000);
});

test('the same holds for images and tokens', async () => {
  await open({ ipm: 8, tpm: 1_000 });
  for (let index = 0; index < 5; index += 1) await start(4);
  expect(await nothingRemains('images', 30_000)).toBeNull();
  expect(await nothingRemains('tokens', 7_000)).toBe(7_000);
});

test('a pool that is paced for more than the provider grants waits', async () => {
  await open({ rpm: 60 });
  for (let index = 0; index < 60; index += 1) await start();
  expect(await nothingRemains('requests', 20_000, 6)).toBe(20_000);
});

test('no reset is waited for longer than a minute', async () => {
  await open({ rpm: 60 });
  await start();
  const waitMs = await nothingRemains('requests', 86_400_000);
  expect(waitMs).toBeGreaterThanOrEqual(minuteMs);
  expect(waitMs).toBeLessThan(minuteMs * 1.01);
});

test('a longer block stays, with its reason', async () => {
  await open({ rpm: 60 });
  await guard.refused('default', { waitMs: 50_000, reason: 'rate_limited', startedMsAgo: 0 });
  await nothingRemains('requests', 5_000);
  const [pool] = await listPools(records.db);
  expect(pool).toMatchObject({ blocked_reason: 'rate_limited' });
  expect(await start()).toBe(50_000);
});

const answer = (remaining: number | null, limit: number | null = 12): ReportedLimits => ({
  requests: { limit, remaining, resetMs: 1 },
});

function openReports() {
  const { log, lines } = createRecordedLog();
  let processMs = 0;
  let written = 0;
  let waits = 0;
  const counting = {
    ...guard,
    async reported(...parameters: Parameters<typeof guard.reported>) {
      written += 1;
      if (Object.keys(parameters[2]).length > 0) waits += 1;
      return guard.reported(...parameters);
    },
  };
  const pools = [{ name: 'default', rpm: 6, ipm: null, tpm: null }];
  const reports = createLimitReports({ guard: counting, pools, log, nowMs: () => processMs });
  return {
    note: (limits: ReportedLimits, deployment = 'any') =>
      reports.note({ pool: 'default', deployment }, limits),
    lines,
    passTime: (ms: number) => void (processMs += ms),
    counts: () => ({ written, waits }),
  };
}

test('limits are kept and warned about once, however often they are repeated', async () => {
  await open({ rpm: 6 });
  const { note, lines, counts } = openReports();
  for (let index = 0; index < 50; index += 1) note(answer(5));
  await waitFor(async () => (await listPools(records.db))[0]?.reported !== null, {
    what: 'the limits to be kept',
  });
  expect((await listPools(records.db))[0]?.reported).toMatchObject({
    deployment: 'any',
    requests: { limit: 12, remaining: 5 },
  });
  expect(counts()).toEqual({ written: 1, waits: 0 });
  expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
    { fields: { differences: ['6 of 12 requests a minute are used: raise rpm to use them all'] } },
  ]);
  note(answer(5, 6));
  expect(counts()).toEqual({ written: 2, waits: 0 });
  // Another deployment of the pool has other limits.
  for (let index = 0; index < 10; index += 1) {
    note(answer(5, 6));
    note(answer(5, 12), 'other');
  }
  expect(counts()).toEqual({ written: 3, waits: 0 });
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
});

test('a provider that always says that nothing remains is not believed for long', async () => {
  await open({ rpm: 6 });
  const { note, counts, passTime: passProcessTime } = openReports();
  for (let index = 0; index < 20; index += 1) {
    // Answers of calls that were under way together count as one.
    note(answer(0));
    note(answer(0));
    passProcessTime(1);
  }
  expect(counts().waits).toBe(6);
  note(answer(4));
  note(answer(0));
  expect(counts().waits).toBe(7);
});
