/**
 * A worker shuts down while calls are under way: those finish and are recorded, everything else
 * goes back to the queue.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import {
  expectAllSucceeded,
  expectNoneTwiceUnlessUnknown,
  expectNoPromptIn,
  tally,
} from './rig/invariants.ts';
import { signalUntilItEnds } from './rig/kiln-process.ts';
import { openEnvironment } from './rig/open-environment.ts';
import type { FaultEnvironment } from './rig/environment.ts';
import { oneEngine, type EngineName } from '../support/engines/engine-matrix.ts';

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('SIGTERM: calls in flight succeed, the other jobs are queued, exit code 0', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 60,
      minuteMs: 2_000,
      latencyMs: { min: 0, max: 0 },
      gate: true,
    });
    const worker = await environment.startWorker();
    const ids = await environment.submit(20);
    await waitFor(() => environment.ledger.tally().in_flight >= 4, {
      what: 'four calls to be in flight',
    });
    worker.signal('SIGTERM');
    await waitFor(() => worker.output().includes('"msg":"stopping"'), {
      what: 'the worker to hear it',
    });
    // Claimed jobs that wait for their start go back while the calls are still under way.
    await waitFor(
      async () => (await environment.count('in_progress')) === environment.ledger.tally().in_flight,
      {
        what: 'the worker to hold no jobs but those it calls for',
      },
    );
    const inFlight = environment.ledger.tally().in_flight;
    await environment.setGate(false);
    expect(await worker.ended).toBe(0);

    expect(await environment.count('succeeded')).toBe(inFlight);
    expect(await environment.count('queued')).toBe(20 - inFlight);
    expect(await tally(environment)).toEqual({
      attempts: inFlight,
      unknown: 0,
      calls: inFlight,
      paid: inFlight,
    });
    expect(worker.output()).toContain('"msg":"stopped"');
    expectNoPromptIn(environment);

    await environment.startWorker();
    await environment.waitForCount('succeeded', 20);
    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 20,
      unknown: 0,
      calls: 20,
      paid: 20,
    });
  });

  test('SIGTERM, and calls that outlast the grace: logged, and made once more', async () => {
    const environment = await openCalling(engine, { KILN_SHUTDOWN_GRACE_MS: '500' });
    const [worker] = environment.workers;
    worker!.signal('SIGTERM');
    expect(await worker!.ended).toBe(1);
    expect(worker!.output()).toContain('a phase of the shutdown took too long and was left behind');

    await environment.setGate(false);
    await environment.startWorker();
    await environment.waitForCount('succeeded', 3);
    const tallies = await tally(environment);
    expectNoneTwiceUnlessUnknown(tallies, 3);
    expect(tallies.unknown).toBe(3);
  });

  test('a second SIGTERM ends it at once, whatever is under way', async () => {
    const environment = await openCalling(engine);
    const [worker] = environment.workers;
    expect(await signalUntilItEnds(worker!)).toBe(1);
    expect(worker!.output()).toContain('asked twice to stop: exiting now');
    expect(worker!.output()).not.toContain('"msg":"stopped"');
  });
});

/** Starts a worker with three calls under way, none of which is answered. */
async function openCalling(
  engine: EngineName,
  env: Record<string, string> = {},
): Promise<FaultEnvironment> {
  const environment = await openEnvironment({ engine, rpm: 600, minuteMs: 2_000, gate: true, env });
  await environment.startWorker();
  await environment.submit(3);
  await waitFor(() => environment.ledger.tally().in_flight === 3, {
    what: 'three calls to be in flight',
  });
  return environment;
}
