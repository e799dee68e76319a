/** The judges of the fault runs must be able to find a violation. */
import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import { createRandom, isKill, planRound } from '../../../scripts/test-faults/plan.ts';
import { explain } from '../../faults/rig/explanations.ts';
import { checkQuota } from '../../faults/rig/quota.ts';

const entryAt = (received_at: number, more: Partial<LedgerEntry> = {}) =>
  ({
    received_at,
    arrived_after: received_at,
    finished_at: received_at + 100,
    took_quota: true,
    fault: null,
    ...more,
  }) as LedgerEntry;

test('too many starts in a minute, or in a slice of it, are violations', () => {
  const minute = { rpm: 4, minuteMs: 1_000 };
  const even = [750, 0, 500, 250, 1_000].map((at) => entryAt(at));
  expect(checkQuota(even, minute)).toEqual([]);
  expect(checkQuota([...even, entryAt(800, { took_quota: false })], minute)).toEqual([]);
  expect(
    checkQuota(
      [0, 250, 500, 750, 890].map((at) => entryAt(at)),
      minute,
    ),
  ).toEqual(['5 starts within 890.0 ms of a slice of 1000 ms']);
  expect(
    checkQuota(
      [0, 250, 500, 750, 910].map((at) => entryAt(at)),
      minute,
    ),
  ).toEqual([]);
  const paced = { rpm: 60, minuteMs: 60_000 };
  const late = [0, 890, 2_000].map((at) => entryAt(at));
  expect(checkQuota(late, paced)).toEqual(['2 starts within 890.0 ms of a slice of 1000 ms']);
  // Five a second may come at uneven times, but a sixth may not.
  const uneven = [0, 80, 400, 600, 800].map((at) => entryAt(at));
  expect(checkQuota(uneven, { ...paced, rpm: 300 })).toEqual([]);
  expect(checkQuota([...uneven, entryAt(880)], { ...paced, rpm: 300 })).toEqual([
    '6 starts within 880.0 ms of a slice of 1000 ms',
  ]);
});

test('a stall explains starts that seem too close; without one they are too many', () => {
  const minute = { rpm: 4, minuteMs: 1_000 };
  const stalled = entryAt(180, { arrived_after: 5 });
  const others = [250, 500, 750, 1_005].map((at) => entryAt(at));
  expect(checkQuota([stalled, ...others], minute)).toEqual([]);
  expect(checkQuota([entryAt(180), ...others], minute)).toEqual([
    '5 starts within 825.0 ms of a slice of 1000 ms',
  ]);
  // A stall before the last start makes it earlier still, and one between explains nothing.
  const lastStalled = [...others.slice(0, 3), entryAt(1_005, { arrived_after: 800 })];
  expect(checkQuota([entryAt(180), ...lastStalled], minute)).toHaveLength(1);
  const between = [250, 500, 750].map((at) => entryAt(at, { arrived_after: at - 200 }));
  expect(checkQuota([entryAt(180), ...between, entryAt(1_005)], minute)).toHaveLength(1);
});

test('only a fault in its own worker, at its own time, explains an unknown outcome', () => {
  const attempt = {
    job_id: 'job_1',
    no: 1,
    status: 'unknown',
    worker: 'wrk_1',
    error: null,
    started_at: new Date(10_000),
    finished_at: new Date(20_000),
  };
  const injectedInto = (worker: string | null, atMs: number) => ({
    injected: [{ kind: 'killed' as const, worker, atMs }],
    dataFolders: () => ['machine-1', 'machine-2'],
  });
  expect(explain(injectedInto('wrk_1', 12_000), attempt, undefined)).toBe('its worker was killed');
  expect(explain(injectedInto('wrk_2', 12_000), attempt, undefined)).toBeNull();
  expect(explain(injectedInto('wrk_1', 9_000), attempt, undefined)).toBeNull();
  expect(explain(injectedInto('wrk_1', 21_000), attempt, undefined)).toBeNull();
  expect(explain(injectedInto(null, 12_000), attempt, undefined)).toBe('its worker was killed');
  // With one machine, an answer that came long before the kill was in its spool.
  const oneMachine = { ...injectedInto('wrk_1', 12_000), dataFolders: () => ['machine-1'] };
  expect(explain(oneMachine, attempt, entryAt(10_100))).toBeNull();
  expect(explain(oneMachine, attempt, entryAt(11_500))).toBe('its worker was killed');
});

test('the same seed gives the same plan, and another seed another one', () => {
  const plan = (seed: number) => {
    const random = createRandom(seed);
    const place = { engine: 'redis', store: 'file' } as const;
    return [planRound(random, place, 8), planRound(random, place, 3)];
  };
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
  expect(plan(7).map(({ faults }) => faults.filter(({ fault }) => isKill(fault)).length)).toEqual([
    8, 3,
  ]);
});
