/** Two workers share the quota of one pool, and together they keep it. */
import { describe, expect, test } from 'vitest';
import { expectAllSucceeded } from '../rig/invariants.ts';
import { openEnvironment } from '../rig/open-environment.ts';
import { jitterMsOf } from '../rig/quota.ts';
import { bothEngines } from '../../support/engines/engine-matrix.ts';

describe.each(bothEngines())('on %s', (engine) => {
  test('both together keep the quota', async () => {
    const minute = { rpm: 20, minuteMs: 4_000 };
    const environment = await openEnvironment({
      engine,
      ...minute,
      latencyMs: { min: 300, max: 900 },
    });
    await Promise.all([environment.startWorker('machine-1'), environment.startWorker('machine-2')]);
    const ids = await environment.submit(35);
    await environment.waitForCount('succeeded', 35);

    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 35,
      unknown: 0,
      calls: 35,
      paid: 35,
    });
    expect(environment.ledger.tally().refused_by_429).toBe(0);
    const spacing = environment.ledger.measureSpacing({
      ...minute,
      toleranceMs: jitterMsOf(minute),
    });
    expect(spacing.max_starts_per_minute).toBeLessThanOrEqual(20);
    // Without starts of both workers the test would prove nothing.
    const shares = await environment.query<{ attempts: number }>(
      'select count(*)::int as attempts from kiln.attempts group by worker',
    );
    expect(shares).toHaveLength(2);
  });
});
