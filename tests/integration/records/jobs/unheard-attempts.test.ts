/**
 * A worker loses its connection while it opens an attempt, and does not know whether the attempt
 * was opened, was not opened, is being committed, or belongs to another worker.
 */
import { openAttempt, withdrawUnheard } from '@kiln/shared/records/jobs/settlements';
import { transactionWithEvents } from '@kiln/shared/records/events/write-events';
import { expect, test } from 'vitest';
import {
  addClaimed,
  addInFlight,
  deployments,
  dispatch,
  eventsOf,
  leaseMs,
  openTestRecords,
  passOn,
  readRow,
  waitForLock,
} from '../support.ts';
import { claimJob } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db } = records;
const error = { code: 'start_missed', message: 'over', param: null, moderation: null };

async function attemptsOf(jobId: string) {
  const { rows } = await records.pool.query<{ no: number; worker: string; status: string }>(
    'select no, worker, status from kiln.attempts where job_id = $1 order by no',
    [jobId],
  );
  return rows;
}

test('an opened attempt becomes refused, and the job is dispatched again', async () => {
  const opened = await addInFlight(records);
  const other = await addClaimed(records);
  for (const claim of [opened, other]) {
    await withdrawUnheard(db, claim, 1, error);
    expect(await readRow(records, claim.jobId)).toMatchObject({
      status: 'queued',
      dispatched_at: null,
    });
  }
  expect(await attemptsOf(opened.jobId)).toEqual([
    { no: 1, worker: opened.worker, status: 'refused' },
  ]);
  expect(await attemptsOf(other.jobId)).toEqual([]);
  expect(await eventsOf(records, opened.jobId)).toEqual(['job.created', 'job.started']);
  expect(await eventsOf(records, other.jobId)).toEqual(['job.created']);
});

test('an attempt that is being committed is awaited', async () => {
  const claim = await addClaimed(records);
  const isWritten = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const opening = transactionWithEvents(db, async (transaction) => {
    await openAttempt(transaction, claim, 1, deployments);
    isWritten.resolve();
    await mayCommit.promise;
  });
  await isWritten.promise;
  const withdrawing = withdrawUnheard(db, claim, 1, error);
  await waitForLock(records, 'it to be waited for');
  mayCommit.resolve();
  await Promise.all([opening, withdrawing]);
  expect(await attemptsOf(claim.jobId)).toEqual([
    { no: 1, worker: claim.worker, status: 'refused' },
  ]);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'queued',
    dispatched_at: null,
  });
});

test('a late statement finds its claim void, even if the job is claimed again', async () => {
  const claim = await addClaimed(records);
  await withdrawUnheard(db, claim, 1, error);
  expect(await openAttempt(db, claim, 1, deployments)).toBe('refused');
  const again = { ...claim, dispatchNo: await dispatch(records, claim.jobId) };
  expect(await claimJob(db, again, leaseMs)).toMatchObject({ status: 'claimed' });
  expect(await openAttempt(db, claim, 1, deployments)).toBe('refused');
  expect(await openAttempt(db, again, 1, deployments)).toMatchObject({ deployment: 'simulator' });
});

test('an attempt of the worker that has the job now stays as it is', async () => {
  const claim = await addClaimed(records);
  const other = await passOn(records, claim);
  await openAttempt(db, other, 1, deployments);
  await withdrawUnheard(db, claim, 1, error);
  expect(await attemptsOf(claim.jobId)).toEqual([
    { no: 1, worker: 'wrk_second', status: 'in_flight' },
  ]);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'in_progress',
    lease_owner: 'wrk_second',
  });
});

test('a job whose cancel was requested meanwhile is cancelled', async () => {
  const claim = await addInFlight(records);
  await records.pool.query('update kiln.jobs set cancel_requested_at = now() where id = $1', [
    claim.jobId,
  ]);
  await withdrawUnheard(db, claim, 1, error);
  expect(await readRow(records, claim.jobId)).toMatchObject({ status: 'cancelled' });
});
