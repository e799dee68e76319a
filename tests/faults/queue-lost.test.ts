/** The queue engine forgets everything: the records know what to do. */
import { expect, test } from 'vitest';
import { expectAllSucceeded } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';

test('FLUSHALL half way: every job succeeds, and none is called for twice', async () => {
  const environment = await openEnvironment({ engine: 'redis', rpm: 60, minuteMs: 6_000 });
  await environment.startWorker();
  // So many that some still wait however late this process is to see the first ones end.
  const ids = await environment.submit(80);
  await environment.waitForCount('succeeded', 8);
  await environment.redis!.flushall();
  expect(await environment.count('queued')).toBeGreaterThan(0);

  await environment.waitForCount('succeeded', 80);
  expect(await expectAllSucceeded(environment, ids)).toEqual({
    attempts: 80,
    unknown: 0,
    calls: 80,
    paid: 80,
  });
});

test('Redis dies and comes back empty: jobs are accepted meanwhile, calls under way are kept, none is made twice', async () => {
  const environment = await openEnvironment({ engine: 'redis', rpm: 60, minuteMs: 6_000 });
  await environment.startWorker();
  const ids = await environment.submit(30);
  await environment.waitForCount('succeeded', 8);
  await environment.redis!.kill();
  ids.push(...(await environment.submit(2)));
  expect(await environment.count('queued')).toBeGreaterThan(1);
  await environment.redis!.restart();

  await environment.waitForCount('succeeded', 32);
  expect(await expectAllSucceeded(environment, ids)).toEqual({
    attempts: 32,
    unknown: 0,
    calls: 32,
    paid: 32,
  });
});
