/** A worker is killed in the middle of its calls, and another one takes its place. */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded, expectNoneTwiceUnlessUnknown } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';
import { engineNames } from './rig/stage.ts';

describe.each(engineNames)('on %s', (engine) => {
  test('SIGKILL half way: every job succeeds, and only calls in flight are made again', async () => {
    const stage = await openStage({ engine, rpm: 60, minuteMs: 6_000 });
    const first = await stage.startWorker();
    const ids = await stage.submit(30);
    await stage.waitForCount('succeeded', 12);
    await waitFor(() => stage.ledger.tally().in_flight >= 2, { what: 'two calls to be in flight' });
    const answeredInTime = await stage.count('succeeded');
    await stage.kill(first);

    await stage.startWorker();
    await stage.waitForCount('succeeded', 30);
    const tallies = await expectAllSucceeded(stage, ids);
    expectNoneTwiceUnlessUnknown(tallies, 30);
    expect(tallies.unknown).toBeGreaterThanOrEqual(1);
    expect(tallies.unknown).toBeLessThanOrEqual(30 - answeredInTime);
    const risks = await stage.query<{ risky: number }>(
      'select count(*)::int as risky from kiln.jobs where cost_at_risk_micros = cost_estimated_micros',
    );
    expect(risks).toEqual([{ risky: tallies.unknown }]);
  });
});
