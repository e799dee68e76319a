/** The listener of a process is called for the events that it has committed, and for no others. */
import { cancelJob } from '@kiln/shared/records/jobs/jobs';
import { onEventsWritten, transactionWithEvents } from '@kiln/shared/records/events/write-events';
import { setPaused } from '@kiln/shared/quota/pool-guard';
import { claimDelivery } from '@kiln/shared/records/webhooks/delivery-dispatches';
import { expect, test } from 'vitest';
import { addJob, eventsOf, openTestRecords } from './support.ts';

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
  await cancelJob(records.db, 'default', id);
  expect(calls).toHaveLength(2);
  await setPaused(records.pool, 'default', true);
  expect(calls).toHaveLength(3);
});

test('a transaction calls the listener after its commit, and not after a rollback', async () => {
  const { records, calls } = await openListened();
  const id = await addJob(records);
  const failure = new Error('rolled back');
  const rolledBack = transactionWithEvents(records.db, async (transaction) => {
    await cancelJob(transaction, 'default', id);
    throw failure;
  });
  await expect(rolledBack).rejects.toBe(failure);
  expect(calls).toHaveLength(1);

  await transactionWithEvents(records.db, async (transaction) => {
    await cancelJob(transaction, 'default', id);
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
    .execute((transaction) => cancelJob(transaction, 'default', id));
  await expect(plain).rejects.toThrow('must be started with transactionWithEvents');
});

test('a connection prepares a named statement once', async () => {
  const records = await openTestRecords();
  for (const deliveryId of ['dlv_1', 'dlv_2'])
    expect(await claimDelivery(records.db, { deliveryId, dispatchNo: 1 }, 1_000)).toBeUndefined();
  const { rows } = await records.pool.query('select name from pg_prepared_statements');
  expect(rows).toEqual([{ name: 'kiln-claim-delivery' }]);
});
