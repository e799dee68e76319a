/**
 * Disks that are full, broken, stuck or gone, of the spool, of the store and of both: an answer
 * that was paid for is kept by either.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';
import { engineNames } from './rig/stage.ts';
import { breakObjects, breakSpool, fillDisks, fillStore, isSpooled } from './rig/storage-faults.ts';

const machine = 'machine-1';

describe.each(engineNames)('on %s', (engine) => {
  test('ENOSPC, EIO and a disk that hangs, for the spool, for the store and for both: one call a job', async () => {
    const stage = await openStage({
      engine,
      rpm: 600, // so fast that gaps are not judged
      minuteMs: 60_000,
      leaseMs: 1_000,
      gate: true,
    });
    const worker = await stage.startWorker(machine);
    const [full, broken, stuck, blocked] = await stage.submit(4);
    breakSpool(stage, machine, full!, 'full');
    breakSpool(stage, machine, broken!, 'broken');
    const hanging = breakSpool(stage, machine, stuck!, 'stuck');
    const inTheWay = breakObjects(stage, blocked!);
    await stage.setGate(false);
    // The spool's disk refuses: the store will do.
    await stage.waitForCount('succeeded', 2);
    const errors = worker.output().match(/ENOSPC|EIO/g) ?? [];
    expect(new Set(errors)).toEqual(new Set(['ENOSPC', 'EIO']));
    // The store refuses: the answer waits in the spool, for as long as it takes.
    await waitFor(() => isSpooled(stage, machine, blocked!), {
      what: 'an answer to wait in the spool',
    });
    const leases =
      "select from kiln.jobs where status = 'in_progress' and lease_expires_at > clock_timestamp()";
    const waitingFrom = performance.now();
    await waitFor(() => performance.now() - waitingFrom > 1_500, {
      what: 'more than a lease to pass',
    });
    await waitFor(async () => (await stage.query(leases)).length === 2, {
      what: 'both to be held still',
    });
    inTheWay.mend();
    hanging.mend();
    await stage.waitForCount('succeeded', 4);

    // Both at once: the answers stay in the worker's memory.
    const disks = fillDisks(worker);
    const more = await stage.submit(3);
    await waitFor(() => stage.ledger.tally().paid === 7, { what: 'three answers' });
    await waitFor(() => worker.output().includes('EFBIG'), { what: 'the disks to refuse' });
    disks.mend();
    await stage.waitForCount('succeeded', 7);

    // A store without room, really.
    const store = fillStore(stage);
    const last = await stage.submit(2);
    await waitFor(() => stage.ledger.tally().paid === 9, { what: 'two answers' });
    const { seen } = store;
    if (seen !== null)
      await waitFor(() => worker.output().includes(seen), { what: 'the store to refuse' });
    store.mend();
    await stage.waitForCount('succeeded', 9);

    const ids = [full!, broken!, stuck!, blocked!, ...more, ...last];
    expect(await expectAllSucceeded(stage, ids)).toEqual({
      attempts: 9,
      unknown: 0,
      calls: 9,
      paid: 9,
    });
  });
});
