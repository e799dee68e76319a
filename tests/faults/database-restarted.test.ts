/**
 * The database is stopped during calls and started again. While it is away, nothing is granted,
 * claimed or recorded.
 */
import { describe, expect, test } from 'vitest';
import { postJson } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded, expectNoneTwiceUnlessUnknown } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('answers that arrive while the database is away are kept, and every job ends', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 60,
      minuteMs: 2_000,
      privatePostgres: true,
    });
    const worker = await environment.startWorker();
    const ids = await environment.submit(8);
    await environment.waitForCount('succeeded', 8);
    await environment.setGate(true);
    ids.push(...(await environment.submit(24)));
    await waitFor(() => environment.ledger.tally().in_flight >= 2, {
      what: 'two calls to be in flight',
    });
    await environment.postgres!.stop('immediate');
    await environment.setGate(false);
    // The calls under way are answered while nothing can be recorded.
    await waitFor(() => environment.ledger.tally().in_flight === 0, {
      what: 'the calls to be answered',
    });
    const callsWhileAway = environment.ledger.tally().calls;
    const refused = await postJson(`${String(environment.api.ready['url'])}/v1/jobs`, {
      prompt: 'not accepted',
    });
    expect(refused.status).toBe(503);
    expect(environment.ledger.tally().calls).toBe(callsWhileAway);
    await environment.postgres!.start();

    await environment.waitForCount('succeeded', 32);
    const tallies = await expectAllSucceeded(environment, ids);
    expectNoneTwiceUnlessUnknown(tallies, 32);
    // The worker kept running with every answer in its spool, so no job was paid twice.
    expect(tallies.paid).toBe(32);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  test('the database stops three times while the queue delivers, and no item is lost', async () => {
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
    await environment.waitForCount('succeeded', 240);
    expectNoneTwiceUnlessUnknown(await expectAllSucceeded(environment, ids), 240);
  });
});
