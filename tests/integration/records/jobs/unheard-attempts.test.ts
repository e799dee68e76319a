/**
 * A worker did not hear whether its attempt was opened: it was, it was not, it is being committed,
 * or it is another worker's.
 */
import { claimJob } from '@kiln/shared/records/jobs/claims';
import { openAttempt, withdrawUnheard } from '@kiln/shared/records/jobs/settlements';
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

test('one that was opened is refused, one that was not is none; the job is dispatched anew', async () => {
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

test('one that is being committed is waited for', async () => {
  const claim = await addClaimed(records);
  const isWritten = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const opening = db.transaction().execute(async (transaction) => {
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

test('one that comes only afterwards finds its claim void, also when the job is claimed again', async () => {
  const claim = await addClaimed(records);
  await withdrawUnheard(db, claim, 1, error);
  expect(await openAttempt(db, claim, 1, deployments)).toBe('refused');
  const again = { ...claim, dispatchNo: await dispatch(records, claim.jobId) };
  expect(await claimJob(db, again, leaseMs)).toMatchObject({ status: 'claimed' });
  expect(await openAttempt(db, claim, 1, deployments)).toBe('refused');
  expect(await openAttempt(db, again, 1, deployments)).toMatchObject({ deployment: 'simulator' });
});

test('the attempt of a worker that has the job by now is left alone', async () => {
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

test('a job that was asked to stop meanwhile is cancelled', async () => {
  const claim = await addInFlight(records);
  await records.pool.query('update kiln.jobs set cancel_requested_at = now() where id = $1', [
    claim.jobId,
  ]);
  await withdrawUnheard(db, claim, 1, error);
  expect(await readRow(records, claim.jobId)).toMatchObject({ status: 'cancelled' });
});
