/** The queue engine forgets everything: the records know what to do. */
import { expect, test } from 'vitest';
import { expectAllSucceeded } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';

test('FLUSHALL half way: every job succeeds, and none is called for twice', async () => {
  const stage = await openStage({ engine: 'redis', rpm: 60, minuteMs: 6_000 });
  await stage.startWorker();
  // So many that some still wait however late this process is to see the first ones end.
  const ids = await stage.submit(80);
  await stage.waitForCount('succeeded', 8);
  await stage.redis!.flushall();
  expect(await stage.count('queued')).toBeGreaterThan(0);

  await stage.waitForCount('succeeded', 80);
  expect(await expectAllSucceeded(stage, ids)).toEqual({
    attempts: 80,
    unknown: 0,
    calls: 80,
    paid: 80,
  });
});

test('Redis dies and comes back empty: jobs are accepted meanwhile, calls under way are kept, none is made twice', async () => {
  const stage = await openStage({ engine: 'redis', rpm: 60, minuteMs: 6_000 });
  await stage.startWorker();
  const ids = await stage.submit(30);
  await stage.waitForCount('succeeded', 8);
  await stage.redis!.kill();
  ids.push(...(await stage.submit(2)));
  expect(await stage.count('queued')).toBeGreaterThan(1);
  await stage.redis!.restart();

  await stage.waitForCount('succeeded', 32);
  expect(await expectAllSucceeded(stage, ids)).toEqual({
    attempts: 32,
    unknown: 0,
    calls: 32,
    paid: 32,
  });
});
