/**
 * The network in front of each dependency fails: cut, silent, slow. No paid answer is lost, and
 * calls of unknown outcome are recorded.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded, expectNoViolation } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { createWireHolds, statements } from './rig/wire-holds.ts';
import { bothEngines, oneEngine } from '../support/engines/engine-matrix.ts';

const minute = { rpm: 60, minuteMs: 2_000 };
const leaseMs = 1_000;

describe.each(bothEngines())('on %s', (engine) => {
  test('database and queue cut, slow, silent for three leases: no call is repeated', async () => {
    const environment = await openEnvironment({ engine, ...minute, leaseMs });
    await environment.startWorker();
    const { database, queue } = environment.links;
    const ids: string[] = [];
    /** Lets the calls be answered only after the fault has begun, so it meets at least two. */
    const harmDuringCalls = async (harm: () => void): Promise<void> => {
      await environment.setGate(true);
      ids.push(...(await environment.submit(12)));
      await waitFor(() => environment.ledger.tally().in_flight >= 2, {
        what: 'two calls to be in flight',
      });
      harm();
      await environment.setGate(false);
    };
    await harmDuringCalls(() => [database, queue].forEach((link) => link?.cut('reset')));
    await environment.waitForCount('succeeded', 12);
    await harmDuringCalls(() =>
      [database, queue].forEach((link) => link?.set({ kind: 'delay', ms: 30 })),
    );
    await environment.waitForCount('succeeded', 24);
    await harmDuringCalls(() =>
      [database, queue].forEach((link) => link?.set({ kind: 'blackhole' })),
    );
    const silentFrom = performance.now();
    await waitFor(() => performance.now() - silentFrom > 3 * leaseMs, {
      what: 'the leases to lapse',
    });
    for (const link of [database, queue]) link?.set({ kind: 'pass' });
    await environment.waitForCount('succeeded', 36);
    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 36,
      unknown: 0,
      calls: 36,
      paid: 36,
    });
  });
});

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('settlements that are cut before or after their commit are made once', async () => {
    const environment = await openEnvironment({
      engine,
      ...minute,
      leaseMs,
      privatePostgres: true,
    });
    const holds = createWireHolds(environment.links.database);
    const ids = await environment.submit(2);
    const caught = (['before', 'after'] as const).map(
      (hold, index) => holds.set({ hold, texts: [statements.settle, ids[index] ?? ''] }).isHolding,
    );
    await environment.startWorker();
    await waitFor(() => caught.every((isHolding) => isHolding()), {
      what: 'two jobs to be settled',
    });
    await environment.postgres!.stop('immediate');
    holds.cut();
    await environment.postgres!.start();
    await environment.waitForCount('succeeded', 2);
    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 2,
      unknown: 0,
      calls: 2,
      paid: 2,
    });
  });

  test('attempts cut at their commit have made no call, so their jobs are not held', async () => {
    const env = { KILN_UNKNOWN_OUTCOME: 'hold' };
    // The starts are so far apart that few are missed.
    const slow = { rpm: 6, minuteMs: 6_000 };
    const environment = await openEnvironment({ engine, ...slow, leaseMs, env });
    const holds = createWireHolds(environment.links.database);
    const ids = await environment.submit(2);
    const caught = (['before', 'after'] as const).map(
      (hold, index) =>
        holds.set({ hold, texts: [statements.openAttempt, ids[index] ?? ''] }).isHolding,
    );
    await environment.startWorker();
    await waitFor(() => caught.every((isHolding) => isHolding()), {
      what: 'two jobs to have their starts',
    });
    holds.cut();
    await environment.waitForCount('succeeded', 2);
    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 2,
      unknown: 0,
      calls: 2,
      paid: 2,
    });
    for (const id of ids) {
      // A busy machine may miss a start all the same; then nothing was called either.
      const recorded = await environment.query<{ type: string }>(
        `select type from kiln.events where job_id = $1
          and not (type = 'job.retrying' and data ? 'queue') order by position`,
        [id],
      );
      expect(recorded.map(({ type }) => type)).toEqual([
        'job.created',
        'job.started',
        'job.succeeded',
      ]);
    }
  });

  test('provider away, cut, half closed, silent, slow: unknown outcomes are recorded', async () => {
    const environment = await openEnvironment({
      engine,
      ...minute,
      leaseMs,
      latencyMs: { min: 600, max: 800 },
      env: { KILN_CALL_TIMEOUT_MS: '3000', KILN_UNKNOWN_OUTCOME: 'retry' },
    });
    const { provider } = environment.links;
    const attemptsThatAre = async (status: string) =>
      (await environment.query('select from kiln.attempts where status = $1', [status])).length;
    const waitForAttempts = (status: string, least: number) =>
      waitFor(async () => (await attemptsThatAre(status)) >= least, {
        what: `${least} calls to be ${status}`,
      });
    provider.set({ kind: 'refuse' });
    const ids = await environment.submit(8);
    await environment.startWorker();
    await waitForAttempts('refused', 2);
    provider.set({ kind: 'pass' });

    const mend = environment.recordHarmedCalls('provider-cut');
    /** Repeats the fault until it has met a call. */
    const meetsACall = async (what: string, harm: () => void): Promise<void> => {
      const before = await attemptsThatAre('unknown');
      const meets = async () => {
        harm();
        return (await attemptsThatAre('unknown')) > before;
      };
      await waitFor(meets, { what: `a call to meet the fault "${what}"` });
      provider.set({ kind: 'pass' });
    };
    await meetsACall('reset', () => provider.cut('reset'));
    await meetsACall('half-close', () => provider.cut('half-close'));
    await meetsACall('truncate', () => provider.set({ kind: 'truncate', bytes: 300 }));
    await meetsACall('blackhole', () => provider.set({ kind: 'blackhole' }));
    provider.set({ kind: 'throttle', bytesPerSecond: 20_000 });
    mend();
    await environment.waitForCount('succeeded', 8);
    await waitFor(() => environment.ledger.tally().in_flight === 0, {
      what: 'the ledger to be complete',
    });
    const audit = await expectNoViolation(environment, ids);
    expect(audit).toMatchObject({ succeeded: 8, lost: 0, secondUnexplained: 0 });
    // A blackhole may swallow a call before the provider receives it.
    expect(audit.calls).toBeLessThanOrEqual(8 + audit.unknown);
    expect(await attemptsThatAre('refused')).toBeGreaterThanOrEqual(2);
  });
});
