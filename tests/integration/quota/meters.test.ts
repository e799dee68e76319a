/**
 * Meters of images and tokens: no minute, wherever it begins, holds more than any of them allows,
 * and little of the tightest one is lost. The database's clock is set by the tests.
 */
import { addCrowds, crowdOfJob, spacingAmong } from '@kiln/shared/domain/crowd';
import type { Quota, StartWeight } from '@kiln/shared/domain/quota';
import { meterPaceOf, paceOf } from '@kiln/shared/quota/pace';
import { createPoolGuard } from '@kiln/shared/quota/pool-guard';
import { savePools } from '@kiln/shared/records/pools';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { openTestRecords } from '../records/support.ts';
import { openSetClock } from './set-clock.ts';

const minuteMs = 60_000;
const records = await openTestRecords();
const clock = await openSetClock(records.databaseUrl);
atEndOfFile(() => clock.pool.end());
const guard = createPoolGuard(clock.pool, { minuteMs });

let now = 1_800_000_000_000;

async function passTime(ms: number): Promise<void> {
  now += ms;
  await clock.set(now);
}

/** A pool that was never used. */
async function open(quota: Partial<Quota>): Promise<void> {
  const full = { rpm: null, ipm: null, tpm: null, ...quota };
  await records.pool.query('delete from kiln.pools');
  const pace = { ...paceOf(full, minuteMs), ...meterPaceOf(full, minuteMs) };
  await savePools(records.db, [{ name: 'default', ...full, ...pace }]);
  await passTime(0);
}

interface Start {
  atMs: number;
  grantedAtMs: number;
  weight: StartWeight;
  used: StartWeight;
}

/**
 * Takes the next starts, waiting as the guard says, and returns those that were granted.
 * @param aheadMs how long before a start is due it may be granted
 */
async function take(wanted: readonly StartWeight[], aheadMs = 0): Promise<Start[]> {
  for (;;) {
    const outcome = await guard.take('default', wanted, { aheadMs });
    if (outcome.status === 'taken')
      return wanted.slice(0, outcome.startsAtMs.length).map((weight, index) => ({
        atMs: Math.max(now, outcome.startsAtMs[index] ?? now),
        grantedAtMs: outcome.grantedAtMs,
        weight,
        used: weight,
      }));
    await passTime(outcome.waitMs);
  }
}

async function correct(start: Start, used: StartWeight): Promise<void> {
  start.used = used;
  await guard.corrected('default', start.grantedAtMs, { weight: start.weight, used });
}

const requests = () => 1;
const images = ({ used }: Start) => used.images;
const tokens = ({ used }: Start) => used.tokens;

/** The most that any minute holds. */
function worstMinute(starts: readonly Start[], weigh: (start: Start) => number): number {
  const sums = starts.map(({ atMs: from }) =>
    starts
      .filter(({ atMs }) => atMs >= from && atMs < from + minuteMs)
      .reduce((sum, start) => sum + weigh(start), 0),
  );
  return Math.max(0, ...sums);
}

const meter = (max: number) => fc.option(fc.integer({ min: 1, max }));
const step = fc.record({
  weight: fc.record({ images: fc.integer({ min: 1, max: 10 }), tokens: fc.nat(30_000) }),
  /** The share of its tokens that the call uses; null: its answer does not say. */
  used: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  /** So many later starts are granted before the answer comes. */
  answersAfter: fc.nat(4),
  /** Its request is written this late. */
  lateMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(20_000)),
  pauseMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(90_000)),
});

test('no minute holds more than any meter allows, whatever jobs weigh and use', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ rpm: meter(30), ipm: meter(40), tpm: meter(100_000) }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(0, 100, 3_000),
      async (limits, steps, atOnce, aheadMs) => {
        const quota = Object.values(limits).every((limit) => limit === null)
          ? { ...limits, ipm: 7 }
          : limits;
        await open(quota);
        // A job that is heavier than a minute is refused before it is accepted.
        const fitting = steps.map(({ weight, ...rest }) => ({
          ...rest,
          weight: {
            images: Math.min(weight.images, quota.ipm ?? 10),
            tokens: Math.min(weight.tokens, quota.tpm ?? 30_000),
          },
        }));
        const starts: Start[] = [];
        while (starts.length < fitting.length) {
          const first = starts.length;
          const wanted = fitting.slice(first, first + atOnce).map(({ weight }) => weight);
          const granted = await take(wanted, aheadMs);
          starts.push(...granted);
          const lateMs = fitting[first]!.lateMs;
          if (lateMs > 0) {
            const dueAtMs = granted[0]!.atMs;
            await passTime(dueAtMs + lateMs - now);
            await guard.postpone('default', { postponeMs: lateMs, lateMs });
            granted[0]!.atMs = now;
          }
          for (const [index, { used, weight, answersAfter }] of fitting.entries()) {
            const at = index + answersAfter;
            const start = starts[index];
            if (start === undefined || used === null || at < first || at >= starts.length) continue;
            await correct(start, { ...weight, tokens: Math.floor(weight.tokens * used) });
          }
          await passTime(fitting[first]!.pauseMs);
        }
        expect(worstMinute(starts, requests)).toBeLessThanOrEqual(quota.rpm ?? starts.length);
        expect(worstMinute(starts, images)).toBeLessThanOrEqual(quota.ipm ?? 250);
        expect(worstMinute(starts, tokens)).toBeLessThanOrEqual(quota.tpm ?? 750_000);
      },
    ),
    { numRuns: 40 },
  );
});

/** Starts jobs of these weights for so many minutes, two of them waiting at a time. */
async function run(minutes: number, weightOf: (index: number) => StartWeight): Promise<Start[]> {
  const starts: Start[] = [];
  const fromMs = now;
  for (let atMs = fromMs; atMs < fromMs + minutes * minuteMs; atMs = starts.at(-1)!.atMs)
    starts.push(...(await take([weightOf(starts.length), weightOf(starts.length + 1)])));
  return starts;
}

test('three meters at once: the tightest is used to 0.97, and none is exceeded', async () => {
  const quota = { rpm: 60, ipm: 100, tpm: 200_000 };
  await open(quota);
  const weightOf = (index: number) => {
    const n = 1 + ((index * 7_919 + Math.floor(index / 4)) % 4);
    return { images: n, tokens: n * 1_756 + 20 };
  };
  const starts = await run(10, weightOf);
  expect(worstMinute(starts, requests)).toBeLessThanOrEqual(quota.rpm);
  expect(worstMinute(starts, images)).toBeLessThanOrEqual(quota.ipm);
  expect(worstMinute(starts, tokens)).toBeLessThanOrEqual(quota.tpm);
  const made = starts.slice(0, -1).reduce((sum, start) => sum + images(start), 0);
  expect(made / (quota.ipm * ((starts.at(-1)!.atMs - starts[0]!.atMs) / minuteMs))).toBeGreaterThan(
    0.97,
  );
});

test.each([
  ['5 images a minute, n from 1 to 4', { ipm: 5 }, [1, 4, 2, 3, 3, 1, 4, 2]],
  ['5 images a minute, n of 2', { ipm: 5 }, [2]],
  ['20 images a minute, n from 1 to 4', { ipm: 20 }, [1, 2, 3, 4, 2, 4, 1, 3]],
  ['50 images a minute, n from 1 to 10', { ipm: 50 }, [1, 7, 3, 10, 5, 2, 8, 9, 4, 6]],
  ['40 requests, 100 images and 200,000 tokens', { rpm: 40, ipm: 100, tpm: 200_000 }, [1, 2, 4]],
])('the expected time of a queue is right within a tenth: %s', async (_, limits, ns) => {
  const quota = { rpm: null, tpm: null, ...limits };
  await open(quota);
  const weightOf = (index: number) => {
    const n = ns[index % ns.length] ?? 1;
    return { images: n, tokens: n * 1_000 };
  };
  const starts = await run(40, weightOf);
  const ahead = addCrowds(starts.slice(0, -1).map(({ weight }) => crowdOfJob(weight)));
  const pace = meterPaceOf(quota, minuteMs);
  const { intervalMs: spacingMs } = paceOf(quota, minuteMs);
  const expected = ahead.jobs * spacingAmong({ ...quota, ...pace, spacingMs }, ahead);
  const actual = starts.at(-1)!.atMs - starts[0]!.atMs;
  expect(expected / actual).toBeGreaterThan(0.9);
  expect(expected / actual).toBeLessThan(1.1);
});

test('a start waits until enough of the last minute is over, and none overtakes it', async () => {
  await open({ ipm: 5 });
  const light = { images: 1, tokens: 0 };
  const first = await take([light]);
  for (let index = 0; index < 3; index++) await take([light]);
  const heavy = await take([{ images: 4, tokens: 0 }, light]);
  expect(heavy.map(({ weight }) => weight.images)).toEqual([4]);
  // Three of the four single images are older than a minute then.
  expect(heavy[0]!.atMs - first[0]!.atMs).toBeGreaterThanOrEqual(2 * 12_000 + minuteMs);
});

test('tokens that a call did not use are there for the next one', async () => {
  await open({ tpm: 100_000 });
  const [first] = await take([{ images: 1, tokens: 90_000 }]);
  expect(await guard.take('default', [{ images: 1, tokens: 50_000 }])).toMatchObject({
    status: 'wait',
  });
  await passTime(20_000);
  await correct(first!, { images: 1, tokens: 4_000 });
  expect(await guard.take('default', [{ images: 1, tokens: 50_000 }])).toMatchObject({
    status: 'taken',
  });
});

test('a request that was written late counts from then on', async () => {
  await open({ ipm: 4 });
  const four = { images: 4, tokens: 0 };
  await take([four]);
  await passTime(10_000);
  await guard.postpone('default', { postponeMs: 0, lateMs: 10_000 });
  const writtenAtMs = now;
  const [next] = await take([four]);
  expect(next!.atMs - writtenAtMs).toBeGreaterThanOrEqual(minuteMs);
});

test('refusals without a hint slow the meters of images and tokens too', async () => {
  await open({ ipm: 6 });
  await take([{ images: 1, tokens: 0 }]);
  const refusal = { waitMs: null, reason: 'rate_limited', startedMsAgo: 0 };
  expect(await guard.refused('default', refusal)).toMatchObject({ paceShare: 0.7 });
  const [first] = await take([{ images: 2, tokens: 0 }]);
  const [second] = await take([{ images: 1, tokens: 0 }]);
  expect(second!.atMs - first!.atMs).toBeGreaterThan((2 * 10_000) / 0.7 - minuteMs / 12);
});

test('a pool that begins to count images waits a minute after its last start', async () => {
  await open({ rpm: 60 });
  const [last] = await take([{ images: 10, tokens: 0 }]);
  const quota = { rpm: 60, ipm: 10, tpm: null };
  await savePools(records.db, [
    { name: 'default', ...quota, ...paceOf(quota, minuteMs), ...meterPaceOf(quota, minuteMs) },
  ]);
  const [next] = await take([{ images: 1, tokens: 0 }]);
  expect(next!.atMs - last!.atMs).toBeGreaterThanOrEqual(minuteMs);
});
