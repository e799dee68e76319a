/**
 * The leases of the claims that a process holds: which rows a heartbeat touches, and what it finds.
 */
import { buildId } from '@kiln/shared/ids';
import { createLeases } from '@kiln/shared/services/dispatch/leases';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { addJob, cancelByForce, log, openTestRecords, readRow } from '../../records/support.ts';

const records = await openTestRecords();
const { db, pool } = records;

/** Jobs that one worker has claimed without an end, and executes until the end of the file. */
async function holdClaims(leaseMs: number, count: number) {
  const worker = buildId('wrk');
  const ids = await Promise.all(Array.from({ length: count }, () => addJob(records)));
  await pool.query(
    `update kiln.jobs set status = 'in_progress', pool = 'default', dispatched_at = now(),
       dispatch_no = 1, lease_owner = $1, lease_expires_at = 'infinity' where id = any($2)`,
    [worker, ids],
  );
  const leases = createLeases({ db, worker, leaseMs, log });
  const end = Promise.withResolvers<void>();
  atEndOfFile(async () => {
    leases.close();
    end.resolve();
  });
  const signals = new Map<string, AbortSignal>();
  for (const id of ids)
    void leases.during(id, (signal) => {
      signals.set(id, signal);
      return end.promise;
    });
  return { leases, ids, signals };
}

test('a heartbeat does not touch the claims that were made a moment ago', async () => {
  const { leases, ids } = await holdClaims(600_000, 1);
  const other = await pool.connect();
  try {
    // A statement that opens the attempt of a job locks its row in the same way.
    await other.query('begin');
    await other.query('select from kiln.jobs where id = any($1) for update', [ids]);
    await leases.beat();
  } finally {
    await other.query('rollback');
    other.release();
  }
});

test('a heartbeat leaves a row that is being written to the next one', async () => {
  const other = await pool.connect();
  const { ids } = await holdClaims(1_000, 3);
  const extended = async () => {
    const { rows } = await pool.query<{ id: string }>(
      'select id from kiln.jobs where id = any($1) and isfinite(lease_expires_at) order by id',
      [ids],
    );
    return rows.map(({ id }) => id);
  };
  const [written = '', ...others] = ids.toSorted();
  try {
    await other.query('begin');
    await other.query('select from kiln.jobs where id = $1 for update', [written]);
    await waitFor(async () => (await extended()).join() === others.join(), {
      what: 'the other claims to be extended',
    });
  } finally {
    await other.query('rollback');
    other.release();
  }
  await waitFor(async () => (await extended()).length === ids.length, {
    what: 'the claim to be extended as well',
  });
});

test('every claim is extended, also where one statement does not extend them all', async () => {
  const { ids } = await holdClaims(1_000, 210);
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        'select from kiln.jobs where id = any($1) and isfinite(lease_expires_at)',
        [ids],
      );
      return rows.length === ids.length;
    },
    { what: 'all leases to be extended' },
  );
});

test('a heartbeat aborts the jobs that were cancelled by force', async () => {
  const { leases, ids, signals } = await holdClaims(600_000, 2);
  const [aborted = '', kept = ''] = ids;
  await cancelByForce(db, aborted);
  await leases.beat();
  expect(signals.get(aborted)?.aborted).toBe(true);
  expect(signals.get(kept)?.aborted).toBe(false);
  expect((await readRow(records, kept)).status).toBe('in_progress');
});
