/**
 * The API dies between its commit and its response, and its caller repeats the request; then all
 * workers are killed.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectNoViolation } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { createWireHolds, statements } from './rig/wire-holds.ts';
import { promptMarker } from './rig/environment.ts';
import { bothEngines } from '../support/engines/engine-matrix.ts';

describe.each(bothEngines())('on %s', (engine) => {
  test('one key makes one job whenever the API dies; without workers jobs wait', async () => {
    const environment = await openEnvironment({ engine, rpm: 60, minuteMs: 2_000, leaseMs: 2_000 });
    const holds = createWireHolds(environment.links.database);
    const submit = (key: string) =>
      environment.request('/v1/jobs', {
        method: 'POST',
        body: JSON.stringify({ prompt: `${promptMarker} ${key}` }),
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
      });
    const keys = ['not-committed', 'committed'];
    const caught = [
      holds.set({ hold: 'before', texts: [statements.insertJob, 'not-committed'] }),
      holds.set({ hold: 'after', texts: [statements.insertJob, ' committed'] }),
    ];
    const unanswered = keys.map((key) =>
      submit(key).then(
        () => 'answered',
        () => 'cut',
      ),
    );
    await waitFor(() => caught.every(({ isHolding }) => isHolding()), {
      what: 'the API to write both jobs',
    });
    const restarted = environment.restartApi();
    expect(await Promise.all(unanswered)).toEqual(['cut', 'cut']);
    holds.cut();
    await restarted;
    expect(await environment.query('select from kiln.jobs')).toHaveLength(1);
    const ask = () =>
      Promise.all(
        keys.map(async (key) => ((await (await submit(key)).json()) as { id: string }).id),
      );
    const ids = await ask();
    expect(new Set(ids).size).toBe(2);
    // Repeat one after the other: the second of two concurrent requests with one key gets a 409.
    expect(await ask()).toEqual(ids);

    const workers = await Promise.all([
      environment.startWorker('machine-1'),
      environment.startWorker('machine-2'),
    ]);
    ids.push(...(await environment.submit(8)));
    await environment.waitForCount('succeeded', 3);
    await environment.setGate(true);
    ids.push(...(await environment.submit(8)));
    await waitFor(() => environment.ledger.tally().in_flight >= 1, {
      what: 'a call to be in flight',
    });
    await Promise.all(workers.map((worker) => environment.kill(worker)));
    ids.push(...(await environment.submit(4)));
    await environment.restartApi();
    expect(await environment.count('queued')).toBeGreaterThanOrEqual(4);
    await environment.setGate(false);

    await environment.startWorker('machine-1');
    await environment.waitForCount('succeeded', ids.length);
    await waitFor(() => environment.ledger.tally().in_flight === 0, {
      what: 'the ledger to be complete',
    });
    const audit = await expectNoViolation(environment, ids);
    expect(audit.succeeded).toBe(ids.length);
    expect(audit.unknown).toBeGreaterThanOrEqual(1);
  });
});
