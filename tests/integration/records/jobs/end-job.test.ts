/** Jobs that end at once: cancelled by force, or failed because their runs always fail. */
import { releaseLapsedClaims } from '@kiln/shared/records/jobs/claims';
import { listAttempts } from '@kiln/shared/records/jobs/attempts';
import { endJob } from '@kiln/shared/records/jobs/end-job';
import { imagesOf } from '@kiln/shared/records/jobs/jobs';
import { openAttempt, settleLate } from '@kiln/shared/records/jobs/settlements';
import { expect, test } from 'vitest';
import { settleFault, settleSucceeded } from '../../../support/ledger.ts';
import {
  addClaimed,
  addDispatched,
  addInFlight,
  addJob,
  buildFault,
  cancelByForce,
  deployments,
  eventsOf,
  facts,
  images,
  lapse,
  openTestRecords,
  readRow,
  waitForLock,
} from '../support.ts';

const records = await openTestRecords();
const { db } = records;

/** A job whose worker died in its call, and that waits for a claim which looks for the answer. */
async function addAbandoned() {
  const claim = await addInFlight(records);
  await lapse(records, claim.jobId);
  await releaseLapsedClaims(db, 1);
  return claim;
}

test.each([
  ['waits', async () => ({ jobId: await addJob(records) }), 0],
  ['is dispatched', () => addDispatched(records), 0],
  ['is claimed by a worker', () => addClaimed(records), 0],
  ['is being called for', () => addInFlight(records), 1_000],
  ['waits after its worker died in its call', addAbandoned, 1_000],
  [
    'is held',
    async () => {
      const claim = await addInFlight(records);
      await settleFault(db, claim, 1, buildFault({ jobStatus: 'held' }));
      return claim;
    },
    1_000,
  ],
])('a job that %s is cancelled by force at once', async (_state, add, atRisk) => {
  const { jobId } = await add();
  expect(await cancelByForce(db, jobId)).toBe(true);
  const row = await readRow(records, jobId);
  expect(row).toMatchObject({
    status: 'cancelled',
    lease_owner: null,
    lease_expires_at: null,
    cost_at_risk_micros: atRisk,
    attempts_made: atRisk > 0 ? 1 : 0,
  });
  expect([row.finished_at, row.cancel_requested_at]).not.toContain(null);
  expect((await eventsOf(records, jobId)).at(-1)).toBe('job.cancelled');
  expect(await cancelByForce(db, jobId)).toBe(false);
  for (const attempt of await listAttempts(db, jobId))
    expect(attempt).toMatchObject({ status: 'unknown', at_risk_micros: 1_000 });
});

test('an open call of a job that was cancelled by force is explained in the ledger', async () => {
  const { jobId } = await addInFlight(records);
  await cancelByForce(db, jobId);
  expect(await listAttempts(db, jobId)).toMatchObject([{ error: { code: 'cancelled_by_force' } }]);
  expect((await readRow(records, jobId)).error).toMatchObject({ code: 'cancelled_by_force' });
});

test('the worker of a job that was cancelled by force still settles its cost', async () => {
  const answered = await addInFlight(records);
  await cancelByForce(db, answered.jobId);
  expect(await settleSucceeded(db, answered, 1, facts, images)).toBe(false);
  expect(await readRow(records, answered.jobId)).toMatchObject({
    status: 'cancelled',
    cost_actual_micros: 900,
    cost_at_risk_micros: 0,
    attempts_made: 1,
  });
  expect(await imagesOf(db, [answered.jobId])).toEqual([]);

  const unsent = await addInFlight(records);
  await cancelByForce(db, unsent.jobId);
  const refused = buildFault({ attemptStatus: 'refused', atRiskMicros: 0 });
  expect(await settleFault(db, unsent, 1, refused)).toBeNull();
  expect(await readRow(records, unsent.jobId)).toMatchObject({
    status: 'cancelled',
    cost_at_risk_micros: 0,
    attempts_made: 0,
  });
});

test('an answer that is found after a cancel by force is counted once', async () => {
  const { jobId } = await addAbandoned();
  await cancelByForce(db, jobId);
  expect(await settleLate(db, { jobId, no: 1 }, facts)).toBe(true);
  expect(await settleLate(db, { jobId, no: 1 }, { ...facts, costMicros: 5 })).toBe(false);
  expect(await readRow(records, jobId)).toMatchObject({
    status: 'cancelled',
    cost_actual_micros: 900,
    cost_at_risk_micros: 0,
  });
});

test('no call is begun for a job after it was cancelled by force', async () => {
  const claim = await addClaimed(records);
  await cancelByForce(db, claim.jobId);
  expect(await openAttempt(db, claim, 1, deployments)).toBe('refused');
  expect(await listAttempts(db, claim.jobId)).toEqual([]);
});

test('an attempt that is opened at the moment of a forced cancel is not overlooked', async () => {
  const claim = await addClaimed(records);
  const client = await records.pool.connect();
  try {
    await client.query('begin');
    await client.query('update kiln.jobs set started_at = now() where id = $1', [claim.jobId]);
    await client.query(
      `insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
       values ($1, 1, 'default', 'simulator', 'default', $2)`,
      [claim.jobId, claim.worker],
    );
    const cancelling = cancelByForce(db, claim.jobId);
    await waitForLock(records, 'the cancel to wait');
    await client.query('commit');
    expect(await cancelling).toBe(true);
  } finally {
    client.release();
  }
  expect(await listAttempts(db, claim.jobId)).toMatchObject([{ status: 'unknown' }]);
  expect(await readRow(records, claim.jobId)).toMatchObject({ cost_at_risk_micros: 1_000 });
});

test('a job whose runs always fail ends as failed, with its money counted', async () => {
  const { jobId } = await addInFlight(records);
  const error = { code: 'run_failed', message: 'five runs', param: null, moderation: null };
  expect(await endJob(db, { projectId: 'default', id: jobId }, { status: 'failed', error })).toBe(
    true,
  );
  expect(await readRow(records, jobId)).toMatchObject({
    status: 'failed',
    error,
    cost_at_risk_micros: 1_000,
    cancel_requested_at: null,
  });
});
