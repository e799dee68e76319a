import { expect, test } from 'vitest';
import { createQuota } from '../../../apps/simulator/src/quota.ts';
import { readError, startSimulator, matching, type TestSimulator } from './support.ts';

const limits = { rpm: 6, minuteMs: 60_000, toleranceMs: 20 };
/** A call that arrived when it was handled. */
const on = (at: number) => ({ earliest: at, at });
const fox = { prompt: 'a fox', quality: 'low' };

test('an rpm of 6 allows one start in ten seconds and six in a minute', () => {
  const quota = createQuota();
  const starts = [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000];
  for (const at of starts)
    expect(quota.take('', on(at), limits)).toMatchObject({ status: 'taken' });
  expect(quota.take('', on(71_000), limits)).toEqual({ status: 'refused', waitMs: 9000, used: 6 });
  expect(quota.take('other', on(71_000), limits)).toMatchObject({ status: 'taken', remaining: 5 });
});

test('the minute limits starts where the slices would allow more', () => {
  const quota = createQuota();
  // Seven per minute are two per slice; slices alone would allow twelve.
  const seven = { ...limits, rpm: 7 };
  for (const at of [0, 1, 10_000, 10_001, 20_000, 20_001, 30_000]) {
    expect(quota.take('', on(at), seven)).toMatchObject({ status: 'taken' });
  }
  expect(quota.take('', on(30_001), seven)).toEqual({ status: 'refused', waitMs: 29_999, used: 7 });
});

test('a start may be early by the tolerance, and a refused one takes nothing', () => {
  const quota = createQuota();
  quota.take('', on(0), limits);
  expect(quota.take('', on(9979), limits)).toEqual({ status: 'refused', waitMs: 21, used: 1 });
  expect(quota.take('', on(9980), limits)).toMatchObject({ status: 'taken' });
  expect(quota.take('', on(19_960), limits)).toMatchObject({ status: 'taken' });
});

test('the scaled minute scales every window; no quota refuses nothing', () => {
  const quota = createQuota();
  const scaled = { rpm: 6, minuteMs: 600, toleranceMs: 0 };
  expect(quota.take('', on(0), scaled)).toMatchObject({ status: 'taken' });
  expect(quota.take('', on(99), scaled)).toEqual({ status: 'refused', waitMs: 1, used: 1 });
  expect(quota.take('', on(100), scaled)).toMatchObject({ status: 'taken' });
  for (let call = 0; call < 100; call++)
    expect(quota.take('', on(0), { ...limits, rpm: 0 }).status).toBe('taken');
});

test('a strict quota counts every second too, and forgives nothing', () => {
  const quota = createQuota();
  // Two in a second, 15 in ten seconds, 90 in a minute.
  const strict = { rpm: 90, minuteMs: 60_000, toleranceMs: 0, slices: [1, 6, 60] };
  for (const at of [0, 400])
    expect(quota.take('', on(at), strict)).toMatchObject({ status: 'taken' });
  expect(quota.take('', on(999), strict)).toEqual({ status: 'refused', waitMs: 1, used: 2 });
  for (let at = 1_000; at <= 7_000; at += 500)
    expect(quota.take('', on(at), strict)).toMatchObject({ status: 'taken' });
  expect(quota.take('', on(7_500), strict)).toEqual({ status: 'refused', waitMs: 2_500, used: 15 });
});

test('a call that may have waited for a stalled simulator is given the benefit', () => {
  const quota = createQuota();
  // One in ten seconds. The first may have arrived at 0, so the second is not certainly too early.
  expect(quota.take('', { earliest: 0, at: 4_000 }, limits)).toMatchObject({ status: 'taken' });
  expect(quota.take('', on(9_000), limits)).toMatchObject({ status: 'refused', waitMs: 1_000 });
  expect(quota.take('', on(10_000), limits)).toMatchObject({ status: 'taken' });
  // That the second may have waited as well makes it earlier, not later.
  expect(quota.take('', { earliest: 15_000, at: 19_000 }, limits)).toMatchObject({
    status: 'refused',
    waitMs: 1_000,
  });
});

/** Remaining time, at the second call, of ten seconds since the first. */
async function leftMs({ ledger }: TestSimulator): Promise<number> {
  const [first, second] = (await ledger()).entries;
  return Math.ceil(10_000 - (second!.received_at - first!.received_at));
}

test('Azure’s refusal has the wait in its text and in both headers', async () => {
  const simulator = await startSimulator({ rpm: 6 });
  const { generate } = simulator;
  expect((await generate(fox, { face: 'azure' })).status).toBe(200);
  const refused = await generate(fox, { face: 'azure' });
  const waitMs = Number(refused.headers.get('retry-after-ms'));
  expect(Math.abs(waitMs - (await leftMs(simulator)))).toBeLessThanOrEqual(1);
  const seconds = Math.ceil(waitMs / 1_000);
  expect(refused.headers.get('retry-after')).toBe(String(seconds));
  expect(await readError(refused)).toEqual({
    status: 429,
    code: '429',
    message: [
      'Requests to the ImageGenerations_Create Operation under Azure OpenAI API version',
      '2025-04-01-preview have exceeded call rate limit of your current AIServices S0 pricing ' +
        'tier.',
      `Please retry after ${seconds} seconds.`,
    ].join(' '),
  });
});

test('OpenAI’s refusal has its own words and rate headers', async () => {
  const simulator = await startSimulator({ rpm: 6 });
  const { generate } = simulator;
  const first = await generate(fox);
  expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('5');
  const refused = await generate(fox);
  const waitMs = Number(refused.headers.get('retry-after-ms'));
  expect(Math.abs(waitMs - (await leftMs(simulator)))).toBeLessThanOrEqual(1);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'retry-after': String(Math.ceil(waitMs / 1_000)),
    'x-ratelimit-limit-requests': '6',
    'x-ratelimit-remaining-requests': '0',
  });
  expect(await readError(refused)).toMatchObject({
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'requests',
    message: matching(
      new RegExp(
        `^Rate limit reached for gpt-image-2 .*Limit 6, Used 1, Requested 1\\. Please try ` +
          `again in ${waitMs / 1_000}s\\.`,
      ),
    ),
  });
});

test('a caller that retries endlessly gets the quota and no more', async () => {
  const { generate, ledger } = await startSimulator({ rpm: 6, minuteMs: 300, quotaToleranceMs: 0 });
  let answered = 0;
  while (answered < 8) if ((await generate(fox)).status === 200) answered += 1;
  const { counters } = await ledger('?limit=0');
  expect(counters).toMatchObject({ paid: 8, max_starts_per_slice: 1 });
  // Fewer when its calls are slow.
  expect(counters['max_starts_per_minute']).toBeLessThanOrEqual(6);
  expect(counters['min_gap_ms']).toBeGreaterThanOrEqual(50);
  expect(counters['refused_by_429']).toBe((counters['calls'] ?? 0) - 8);
});

test('failed calls take quota, also those refused for their parameters', async () => {
  const { generate, control } = await startSimulator({ rpm: 12, minuteMs: 60_000 });
  await control('POST', '/faults', { fault: 'server error' });
  expect((await generate(fox)).status).toBe(500);
  expect((await generate({ ...fox, n: 99 })).status).toBe(400);
  expect((await generate(fox)).status).toBe(429);
});

test('a setting gives each deployment its own quota', async () => {
  const { generate } = await startSimulator({ rpm: 6, quotaBy: 'deployment' });
  const statuses = [];
  for (const model of ['gpt-image-2', 'gpt-image-1.5', 'gpt-image-2'])
    statuses.push((await generate({ ...fox, model })).status);
  expect(statuses).toEqual([200, 200, 429]);
});
