/**
 * The database dies in the middle of calls and is started again. Nothing is granted, claimed or
 * recorded while it is away.
 */
import { describe, expect, test } from 'vitest';
import { postJson } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded, expectNoneTwiceUnlessUnknown } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { bothEngines } from '../support/engines/engine-matrix.ts';

describe.each(bothEngines())('on %s', (engine) => {
  test('an immediate stop and a start: every answer that came meanwhile is kept, every job ends', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 60,
      minuteMs: 6_000,
      privatePostgres: true,
    });
    const worker = await environment.startWorker();
    // So many that calls are still made however late this process is to see the first ones end.
    const ids = await environment.submit(60);
    await environment.waitForCount('succeeded', 8);
    await waitFor(() => environment.ledger.tally().in_flight >= 2, {
      what: 'two calls to be in flight',
    });
    await environment.postgres!.stop('immediate');
    // The calls under way are answered while nothing can be recorded.
    await waitFor(() => environment.ledger.tally().in_flight === 0, {
      what: 'the calls to be answered',
    });
    const callsWhileAway = environment.ledger.tally().calls;
    const refused = await postJson(`${String(environment.api.ready['url'])}/v1/jobs`, {
      prompt: 'nobody hears this',
    });
    expect(refused.status).toBe(503);
    expect(environment.ledger.tally().calls).toBe(callsWhileAway);
    await environment.postgres!.start();

    await environment.waitForCount('succeeded', 60, 60_000);
    const tallies = await expectAllSucceeded(environment, ids);
    expectNoneTwiceUnlessUnknown(tallies, 60);
    // The worker lived on, with every answer in its spool: nothing was paid for twice.
    expect(tallies.paid).toBe(60);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  test('stopped again and again while items change hands: none is lost between the engine and its worker', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 600,
      minuteMs: 6_000,
      privatePostgres: true,
    });
    await environment.startWorker();
    const ids = await environment.submit(240);
    for (const succeeded of [40, 80, 120]) {
      await environment.waitForCount('succeeded', succeeded);
      await environment.postgres!.stop('immediate');
      await environment.postgres!.start();
    }
    await environment.waitForCount('succeeded', 240, 60_000);
    expectNoneTwiceUnlessUnknown(await expectAllSucceeded(environment, ids), 240);
  });
});
