/** The queue engine loses everything it holds; the jobs are queued again from the records. */
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import type { FaultEnvironment } from './rig/environment.ts';
import { expectAllSucceeded } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';

/** With this quota a worker makes 27 calls at a time at most (`callsAtATime`). */
const minute = { rpm: 10, minuteMs: 1_000 };

/**
 * Jobs that have succeeded, calls under way, and jobs in the queue: the gate keeps the last two as
 * they are until it is opened. Returns the ids of all of them.
 */
async function workHalfWay(environment: FaultEnvironment): Promise<string[]> {
  await environment.startWorker();
  const ended = await environment.submit(8);
  await environment.waitForCount('succeeded', ended.length);
  await environment.setGate(true);
  const others = await environment.submit(40);
  await waitFor(() => environment.ledger.tally().in_flight >= 2, {
    what: 'two calls to be in flight',
  });
  return [...ended, ...others];
}

test('FLUSHALL half way: every job succeeds, and none is called for twice', async () => {
  const environment = await openEnvironment({ engine: 'redis', ...minute });
  const ids = await workHalfWay(environment);
  await environment.redis!.flushall();
  expect(await environment.count('queued')).toBeGreaterThan(0);
  await environment.setGate(false);

  await environment.waitForCount('succeeded', 48);
  expect(await expectAllSucceeded(environment, ids)).toEqual({
    attempts: 48,
    unknown: 0,
    calls: 48,
    paid: 48,
  });
});

test('Redis dies and comes back empty: jobs are accepted, no call is repeated', async () => {
  const environment = await openEnvironment({ engine: 'redis', ...minute });
  const ids = await workHalfWay(environment);
  await environment.redis!.kill();
  ids.push(...(await environment.submit(2)));
  expect(await environment.count('queued')).toBeGreaterThan(1);
  await environment.setGate(false);
  await environment.redis!.restart();

  await environment.waitForCount('succeeded', 50);
  expect(await expectAllSucceeded(environment, ids)).toEqual({
    attempts: 50,
    unknown: 0,
    calls: 50,
    paid: 50,
  });
});
