/** The listener of a process is called for the events that it has committed, and for no others. */
import { claimJob } from '@kiln/shared/records/jobs/claims';
import { cancelJob } from '@kiln/shared/records/jobs/jobs';
import { onEventsWritten, transactionWithEvents } from '@kiln/shared/records/events/write-events';
import { setPaused } from '@kiln/shared/quota/pool-guard';
import { expect, test } from 'vitest';
import { addDispatched, addJob, eventsOf, leaseMs, openTestRecords } from './support.ts';

async function openListened() {
  const records = await openTestRecords();
  const calls: number[] = [];
  onEventsWritten(records, () => void calls.push(calls.length));
  return { records, calls };
}

test('statements that write events call the listener', async () => {
  const { records, calls } = await openListened();
  const id = await addJob(records);
  expect(calls).toHaveLength(1);
  await cancelJob(records.db, 'default', id, false);
  expect(calls).toHaveLength(2);
  await setPaused(records.pool, 'default', true);
  expect(calls).toHaveLength(3);
});

test('a transaction calls the listener after its commit, and not after a rollback', async () => {
  const { records, calls } = await openListened();
  const id = await addJob(records);
  const failure = new Error('rolled back');
  const rolledBack = transactionWithEvents(records.db, async (transaction) => {
    await cancelJob(transaction, 'default', id, false);
    throw failure;
  });
  await expect(rolledBack).rejects.toBe(failure);
  expect(calls).toHaveLength(1);

  await transactionWithEvents(records.db, async (transaction) => {
    await cancelJob(transaction, 'default', id, false);
    expect(calls).toHaveLength(1);
  });
  expect(calls).toHaveLength(2);
  expect(await eventsOf(records, id)).toEqual(['job.created', 'job.cancelled']);
});

test('writing an event in a transaction that calls no listener is an error', async () => {
  const { records } = await openListened();
  const id = await addJob(records);
  const plain = records.db
    .transaction()
    .execute((transaction) => cancelJob(transaction, 'default', id, false));
  await expect(plain).rejects.toThrow('must be started with transactionWithEvents');
});

test('a connection prepares the statement that claims a job once, by its name', async () => {
  const records = await openTestRecords();
  for (const claim of [await addDispatched(records), await addDispatched(records)])
    expect(await claimJob(records.db, claim, leaseMs)).toMatchObject({ status: 'claimed' });
  const { rows } = await records.pool.query('select name from pg_prepared_statements');
  expect(rows).toEqual([{ name: 'kiln-claim' }]);
});
