/**
 * A worker is asked to stop while calls are under way: those are paid for and finish, all else goes
 * back.
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
import { openStage } from './rig/open-stage.ts';
import { engineNames, type EngineName, type Stage } from './rig/stage.ts';

describe.each(engineNames)('on %s', (engine) => {
  test('SIGTERM: calls in flight succeed, the rest is queued, the process ends well', async () => {
    const stage = await openStage({
      engine,
      rpm: 60,
      minuteMs: 6_000,
      latencyMs: { min: 0, max: 0 },
      gate: true,
    });
    const worker = await stage.startWorker();
    const ids = await stage.submit(20);
    await waitFor(() => stage.ledger.tally().in_flight >= 4, {
      what: 'four calls to be in flight',
    });
    worker.signal('SIGTERM');
    await waitFor(() => worker.output().includes('"msg":"stopping"'), {
      what: 'the worker to hear it',
    });
    // Jobs that were claimed and only waited for their start are given back while the calls are
    // still out.
    await waitFor(
      async () => (await stage.count('in_progress')) === stage.ledger.tally().in_flight,
      {
        what: 'the worker to hold no jobs but those it calls for',
      },
    );
    const inFlight = stage.ledger.tally().in_flight;
    await stage.setGate(false);
    expect(await worker.ended).toBe(0);

    expect(await stage.count('succeeded')).toBe(inFlight);
    expect(await stage.count('queued')).toBe(20 - inFlight);
    expect(await tally(stage)).toEqual({
      attempts: inFlight,
      unknown: 0,
      calls: inFlight,
      paid: inFlight,
    });
    expect(worker.output()).toContain('"msg":"stopped"');
    expectNoPromptIn(stage);

    await stage.startWorker();
    await stage.waitForCount('succeeded', 20);
    expect(await expectAllSucceeded(stage, ids)).toEqual({
      attempts: 20,
      unknown: 0,
      calls: 20,
      paid: 20,
    });
  });

  test('SIGTERM, and calls that outlast the grace: they are left, said, and called for once more', async () => {
    const stage = await openCalling(engine, { KILN_SHUTDOWN_GRACE_MS: '500' });
    const [worker] = stage.workers;
    worker!.signal('SIGTERM');
    expect(await worker!.ended).toBe(1);
    expect(worker!.output()).toContain('a phase of the shutdown took too long and was left behind');

    await stage.setGate(false);
    await stage.startWorker();
    await stage.waitForCount('succeeded', 3);
    const tallies = await tally(stage);
    expectNoneTwiceUnlessUnknown(tallies, 3);
    expect(tallies.unknown).toBe(3);
  });

  test('a second SIGTERM ends it at once, whatever is under way', async () => {
    const stage = await openCalling(engine);
    const [worker] = stage.workers;
    expect(await signalUntilItEnds(worker!)).toBe(1);
    expect(worker!.output()).toContain('asked twice to stop: exiting now');
    expect(worker!.output()).not.toContain('"msg":"stopped"');
  });
});

/** A worker with three calls under way, none of which is answered. */
async function openCalling(engine: EngineName, env: Record<string, string> = {}): Promise<Stage> {
  const stage = await openStage({ engine, rpm: 600, minuteMs: 6_000, gate: true, env });
  await stage.startWorker();
  await stage.submit(3);
  await waitFor(() => stage.ledger.tally().in_flight === 3, {
    what: 'three calls to be in flight',
  });
  return stage;
}
