/**
 * The disks of the spool, of the store or of both are full, broken, stuck or gone: each paid answer
 * is kept.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';
import { breakObjects, breakSpool, fillDisks, fillStore, isSpooled } from './rig/storage-faults.ts';

const machine = 'machine-1';
const leaseMs = 3_000;

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('ENOSPC, EIO and a disk that hangs, in spool, store or both: one call a job', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 60, // a start may be half a second late on a busy machine
      minuteMs: 60_000,
      leaseMs,
      gate: true,
    });
    const worker = await environment.startWorker(machine);
    const [full, broken, stuck, blocked] = await environment.submit(4);
    breakSpool(environment, machine, full!, 'full');
    breakSpool(environment, machine, broken!, 'broken');
    const hanging = breakSpool(environment, machine, stuck!, 'stuck');
    const inTheWay = breakObjects(environment, blocked!);
    await environment.setGate(false);
    // The spool's disk refuses the answer, so it goes to the store.
    await environment.waitForCount('succeeded', 2);
    const errors = worker.output().match(/ENOSPC|EIO/g) ?? [];
    expect(new Set(errors)).toEqual(new Set(['ENOSPC', 'EIO']));
    // The store refuses the answer, so it waits in the spool.
    await waitFor(() => isSpooled(environment, machine, blocked!), {
      what: 'an answer to wait in the spool',
    });
    const leases =
      "select from kiln.jobs where status = 'in_progress' and lease_expires_at > clock_timestamp()";
    const waitingFrom = performance.now();
    await waitFor(() => performance.now() - waitingFrom > leaseMs + 500, {
      what: 'more than a lease to pass',
    });
    await waitFor(async () => (await environment.query(leases)).length === 2, {
      what: 'both to be held still',
    });
    inTheWay.mend();
    hanging.mend();
    await environment.waitForCount('succeeded', 4);

    // Both refuse, so the answers stay in the worker's memory.
    const disks = fillDisks(worker);
    const more = await environment.submit(3);
    await waitFor(() => environment.ledger.tally().paid === 7, { what: 'three answers' });
    await waitFor(() => worker.output().includes('EFBIG'), { what: 'the disks to refuse' });
    disks.mend();
    await environment.waitForCount('succeeded', 7);

    // The store is full, where a file system may be mounted.
    const store = fillStore(environment);
    const last = await environment.submit(2);
    await waitFor(() => environment.ledger.tally().paid === 9, { what: 'two answers' });
    const { seen } = store;
    if (seen !== null)
      await waitFor(() => worker.output().includes(seen), { what: 'the store to refuse' });
    store.mend();
    await environment.waitForCount('succeeded', 9);

    const ids = [full!, broken!, stuck!, blocked!, ...more, ...last];
    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 9,
      unknown: 0,
      calls: 9,
      paid: 9,
    });
  });
});
