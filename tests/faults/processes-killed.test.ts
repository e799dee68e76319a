/**
 * The API dies between its commit and its answer, and its caller asks again; then all workers are
 * dead for a while.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectNoViolation } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';
import { createSnares, statements } from './rig/snares.ts';
import { engineNames, promptMarker } from './rig/stage.ts';

describe.each(engineNames)('on %s', (engine) => {
  test('one key is one job, whenever the API dies; without workers jobs are accepted, and wait', async () => {
    const stage = await openStage({ engine, rpm: 60, minuteMs: 6_000, leaseMs: 1_000 });
    const snares = createSnares(stage.links.database);
    const submit = (key: string) =>
      stage.request('/v1/jobs', {
        method: 'POST',
        body: JSON.stringify({ prompt: `${promptMarker} ${key}` }),
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
      });
    const keys = ['not-committed', 'committed'];
    const caught = [
      snares.set({ hold: 'before', texts: [statements.insertJob, 'not-committed'] }),
      snares.set({ hold: 'after', texts: [statements.insertJob, ' committed'] }),
    ];
    const unanswered = keys.map((key) =>
      submit(key).then(
        () => 'answered',
        () => 'cut',
      ),
    );
    await waitFor(() => caught.every(({ isCaught }) => isCaught()), {
      what: 'the API to write both jobs',
    });
    const restarted = stage.restartApi();
    expect(await Promise.all(unanswered)).toEqual(['cut', 'cut']);
    snares.cut();
    await restarted;
    expect(await stage.query('select from kiln.jobs')).toHaveLength(1);
    const ask = () =>
      Promise.all(
        keys.map(async (key) => ((await (await submit(key)).json()) as { id: string }).id),
      );
    const ids = await ask();
    expect(new Set(ids).size).toBe(2);
    // One after the other: of two at the same moment, one is told that the other is being answered.
    expect(await ask()).toEqual(ids);

    const workers = await Promise.all([
      stage.startWorker('machine-1'),
      stage.startWorker('machine-2'),
    ]);
    ids.push(...(await stage.submit(40)));
    await stage.waitForCount('succeeded', 3);
    await waitFor(() => stage.ledger.tally().in_flight >= 1, { what: 'a call to be in flight' });
    await Promise.all(workers.map((worker) => stage.kill(worker)));
    ids.push(...(await stage.submit(4)));
    await stage.restartApi();
    expect(await stage.count('queued')).toBeGreaterThanOrEqual(4);

    await stage.startWorker('machine-1');
    await stage.waitForCount('succeeded', ids.length);
    await waitFor(() => stage.ledger.tally().in_flight === 0, {
      what: 'the ledger to be complete',
    });
    const account = await expectNoViolation(stage, ids);
    expect(account.succeeded).toBe(ids.length);
    expect(account.unknown).toBeGreaterThanOrEqual(1);
  });
});
