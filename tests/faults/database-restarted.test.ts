/**
 * The database dies in the middle of calls and is started again. Nothing is granted, claimed or
 * recorded while it is away.
 */
import { describe, expect, test } from 'vitest';
import { postJson } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded, expectNoneTwiceUnlessUnknown } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';
import { engineNames } from './rig/stage.ts';

describe.each(engineNames)('on %s', (engine) => {
  test('an immediate stop and a start: every answer that came meanwhile is kept, every job ends', async () => {
    const stage = await openStage({ engine, rpm: 60, minuteMs: 6_000, privatePostgres: true });
    const worker = await stage.startWorker();
    // So many that calls are still made however late this process is to see the first ones end.
    const ids = await stage.submit(60);
    await stage.waitForCount('succeeded', 8);
    await waitFor(() => stage.ledger.tally().in_flight >= 2, { what: 'two calls to be in flight' });
    await stage.postgres!.stop('immediate');
    // The calls under way are answered while nothing can be recorded.
    await waitFor(() => stage.ledger.tally().in_flight === 0, { what: 'the calls to be answered' });
    const callsWhileAway = stage.ledger.tally().calls;
    const refused = await postJson(`${String(stage.api.ready['url'])}/v1/jobs`, {
      prompt: 'nobody hears this',
    });
    expect(refused.status).toBe(503);
    expect(stage.ledger.tally().calls).toBe(callsWhileAway);
    await stage.postgres!.start();

    await stage.waitForCount('succeeded', 60, 60_000);
    const tallies = await expectAllSucceeded(stage, ids);
    expectNoneTwiceUnlessUnknown(tallies, 60);
    // The worker lived on, with every answer in its spool: nothing was paid for twice.
    expect(tallies.paid).toBe(60);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  test('stopped again and again while items change hands: none is lost between the engine and its worker', async () => {
    const stage = await openStage({ engine, rpm: 600, minuteMs: 6_000, privatePostgres: true });
    await stage.startWorker();
    const ids = await stage.submit(240);
    for (const succeeded of [40, 80, 120]) {
      await stage.waitForCount('succeeded', succeeded);
      await stage.postgres!.stop('immediate');
      await stage.postgres!.start();
    }
    await stage.waitForCount('succeeded', 240, 60_000);
    expectNoneTwiceUnlessUnknown(await expectAllSucceeded(stage, ids), 240);
  });
});
