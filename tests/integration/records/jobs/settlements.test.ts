/**
 * Settling: one statement writes the attempt, the job, its images, its cost and its events, and
 * only for the claim that holds the job.
 */
import { terminalJobStatuses } from '@kiln/shared/domain/job-state';
import { listAttempts } from '@kiln/shared/records/jobs/attempts';
import { cancelJob, imagesOf } from '@kiln/shared/records/jobs/jobs';
import { openAttempt, settleLate } from '@kiln/shared/records/jobs/settlements';
import { expect, test } from 'vitest';
import {
  addInFlight,
  buildFault,
  deployments,
  eventsOf,
  facts,
  images,
  leaseMs,
  openTestRecords,
  passOn,
  readRow,
} from '../support.ts';
import { claimJob, settleFault, settleSucceeded } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db } = records;

test('a success writes the attempt, the job, its images, its cost and its event', async () => {
  const claim = await addInFlight(records);
  expect(await settleSucceeded(db, claim, 1, facts, images)).toBe(true);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'succeeded',
    lease_owner: null,
    lease_expires_at: null,
    error: null,
    attempts_made: 1,
    usage: facts.usage,
    cost_actual_micros: 900,
    cost_at_risk_micros: 0,
  });
  expect(await listAttempts(db, claim.jobId)).toMatchObject([
    {
      no: 1,
      status: 'succeeded',
      http_status: 200,
      provider_request_id: 'req_provider',
      cost_micros: 900,
      usage: facts.usage,
    },
  ]);
  expect(await imagesOf(db, [claim.jobId])).toMatchObject([{ ...images[0], attempt_no: 1 }]);
  expect(await eventsOf(records, claim.jobId)).toEqual([
    'job.created',
    'job.started',
    'job.succeeded',
  ]);
  // A second settlement by the same claim finds nothing to settle.
  expect(await settleSucceeded(db, claim, 1, facts, images)).toBe(false);
  expect(await settleFault(db, claim, 1, buildFault())).toBeNull();
  expect(await eventsOf(records, claim.jobId)).toHaveLength(3);
});

test('images have what the wall filters by, and their shares add up to the cost', async () => {
  const claim = await addInFlight(records, { endpoint: '/v1/images/edits' });
  const [image] = images;
  const three = [0, 1, 2].map((index) => ({ ...image!, index, c2pa: index === 1 }));
  expect(await settleSucceeded(db, claim, 1, { ...facts, costMicros: 1_000 }, three)).toBe(true);
  const shared = { model: 'gpt-image-2', batch_id: null, edited: true, derived: false };
  expect(await imagesOf(db, [claim.jobId])).toMatchObject([
    { ...shared, cost_micros: 333, c2pa: false },
    { ...shared, cost_micros: 333, c2pa: true },
    { ...shared, cost_micros: 334, c2pa: false },
  ]);
});

test.each([
  ['queued', 'job.retrying'],
  ['held', 'job.held'],
  ['failed', 'job.failed'],
] as const)('a fault after which the job is %s', async (jobStatus, event) => {
  const claim = await addInFlight(records);
  expect(await settleFault(db, claim, 1, buildFault({ jobStatus, delayMs: 60_000 }))).toBe(
    jobStatus,
  );
  const row = await readRow(records, claim.jobId);
  expect(row).toMatchObject({
    status: jobStatus,
    lease_owner: null,
    attempts_made: 1,
    cost_at_risk_micros: 1_000,
  });
  expect(row.error?.code ?? null).toBe(jobStatus === 'queued' ? null : 'connection_lost');
  expect(row.finished_at === null).toBe(jobStatus !== 'failed');
  if (jobStatus === 'queued')
    expect(await claimJob(db, claim, leaseMs)).toMatchObject({ status: 'early' });
  expect(await eventsOf(records, claim.jobId)).toEqual(['job.created', 'job.started', event]);
});

test('a job whose cancel was requested is cancelled instead of retried', async () => {
  const claim = await addInFlight(records);
  await cancelJob(db, 'default', claim.jobId);
  expect(await settleFault(db, claim, 1, buildFault())).toBe('cancelled');
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'cancelled',
    error: { code: 'connection_lost' },
  });
});

test('a worker that lost the job settles its attempt and the cost, and nothing else', async () => {
  const first = await addInFlight(records);
  const second = await passOn(records, first);
  const before = await readRow(records, first.jobId);
  expect(await settleSucceeded(db, first, 1, facts, images)).toBe(false);
  const after = await readRow(records, first.jobId);
  expect(after).toEqual({ ...before, attempts_made: 1, cost_actual_micros: 900 });
  expect(await imagesOf(db, [first.jobId])).toEqual([]);
  expect(await listAttempts(db, first.jobId)).toMatchObject([
    { status: 'succeeded', cost_micros: 900 },
  ]);

  expect(
    await settleFault(db, { ...second, dispatchNo: first.dispatchNo }, 1, buildFault()),
  ).toBeNull();
  expect(await readRow(records, first.jobId)).toEqual(after);
  expect(await eventsOf(records, first.jobId)).toEqual(['job.created', 'job.started']);
});

test('a stale fault is recorded with its attempt, unless the outcome is known', async () => {
  const first = await addInFlight(records);
  const second = await passOn(records, first);
  expect(
    await settleFault(
      db,
      first,
      1,
      buildFault({ attemptStatus: 'rejected', atRiskMicros: 0, jobStatus: 'failed' }),
    ),
  ).toBeNull();
  expect(await listAttempts(db, first.jobId)).toMatchObject([
    { status: 'rejected', at_risk_micros: 0 },
  ]);
  expect(await readRow(records, first.jobId)).toMatchObject({
    status: 'in_progress',
    lease_owner: second.worker,
  });

  await settleSucceeded(db, first, 1, facts, images);
  expect(await listAttempts(db, first.jobId)).toMatchObject([{ status: 'rejected' }]);
});

test('the late outcome of a call that counted as unknown lowers the risk', async () => {
  const frozen = await addInFlight(records);
  const second = await passOn(records, frozen);
  await settleFault(db, second, 1, buildFault({ atRiskMicros: 1_000, jobStatus: 'failed' }));
  const failed = await readRow(records, frozen.jobId);
  expect(failed).toMatchObject({ status: 'failed', attempts_made: 1, cost_at_risk_micros: 1_000 });

  const refused = buildFault({ attemptStatus: 'refused', atRiskMicros: 0 });
  expect(await settleFault(db, frozen, 1, refused)).toBeNull();
  expect(await readRow(records, frozen.jobId)).toEqual({
    ...failed,
    attempts_made: 0,
    cost_at_risk_micros: 0,
  });
});

test.each(terminalJobStatuses)(
  'an answer that is found after its job is %s changes the cost once, and nothing else',
  async (status) => {
    const claim = await addInFlight(records);
    await settleFault(db, claim, 1, buildFault({ atRiskMicros: 1_000 }));
    await records.pool.query(
      'update kiln.jobs set status = $2, finished_at = now() where id = $1',
      [claim.jobId, status],
    );
    const ended = await readRow(records, claim.jobId);
    const attempt = { jobId: claim.jobId, no: 1 };
    expect(await settleLate(db, attempt, facts)).toBe(true);
    const counted = { ...ended, cost_actual_micros: 900, cost_at_risk_micros: 0 };
    expect(await readRow(records, claim.jobId)).toEqual(counted);
    expect(await listAttempts(db, claim.jobId)).toMatchObject([
      { status: 'succeeded', cost_micros: 900, at_risk_micros: 0, error: null },
    ]);

    expect(await settleLate(db, attempt, { ...facts, costMicros: 1 })).toBe(false);
    expect(await readRow(records, claim.jobId)).toEqual(counted);
  },
);

test('known costs add up, unknown ones are at risk, and late answers move them', async () => {
  const claim = await addInFlight(records);
  await settleFault(db, claim, 1, buildFault({ atRiskMicros: 1_000 }));
  await claimJob(db, claim, leaseMs);
  await openAttempt(db, claim, 2, deployments);
  await settleFault(
    db,
    claim,
    2,
    buildFault({
      attemptStatus: 'unusable',
      atRiskMicros: 0,
      facts: { ...facts, costMicros: 300 },
    }),
  );
  await claimJob(db, claim, leaseMs);
  await openAttempt(db, claim, 3, deployments);
  await settleFault(db, claim, 3, buildFault({ attemptStatus: 'refused', atRiskMicros: 0 }));
  expect(await readRow(records, claim.jobId)).toMatchObject({
    attempts_made: 2,
    cost_actual_micros: 300,
    cost_at_risk_micros: 1_000,
  });

  // The answer of the first call was late, not lost.
  await claimJob(db, claim, leaseMs);
  await openAttempt(db, claim, 4, deployments);
  await settleSucceeded(
    db,
    { ...claim, worker: 'wrk_frozen' },
    1,
    { ...facts, costMicros: 50 },
    images,
  );
  expect(await settleSucceeded(db, claim, 4, facts, images)).toBe(true);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'succeeded',
    attempts_made: 3,
    cost_actual_micros: 1250,
    cost_at_risk_micros: 0,
  });
});

test.each(['queued', 'held'])('a late answer lets a job that is %s succeed', async (status) => {
  const claim = await addInFlight(records);
  await settleFault(
    db,
    claim,
    1,
    buildFault({ atRiskMicros: 1_000, jobStatus: status as 'queued' | 'held' }),
  );
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status,
    cost_at_risk_micros: 1_000,
  });
  expect(await settleSucceeded(db, { ...claim, worker: 'wrk_frozen' }, 1, facts, images)).toBe(
    true,
  );
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'succeeded',
    cost_actual_micros: 900,
    cost_at_risk_micros: 0,
  });
  expect(await imagesOf(db, [claim.jobId])).toHaveLength(images.length);
});

test('a job that succeeds leaves no attempt open: that of a lost worker is at risk', async () => {
  const claim = await addInFlight(records);
  await records.pool.query(
    `insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
      values ($1, 2, 'default', 'simulator', 'default', 'wrk_lost')`,
    [claim.jobId],
  );
  await settleSucceeded(db, claim, 1, facts, images);
  expect(await listAttempts(db, claim.jobId)).toMatchObject([
    { status: 'succeeded' },
    { status: 'unknown', at_risk_micros: 1_000 },
  ]);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    attempts_made: 2,
    cost_at_risk_micros: 1_000,
  });
});

test('a cancel that was requested before a job would be held ends the job', async () => {
  const claim = await addInFlight(records);
  await records.pool.query('update kiln.jobs set cancel_requested_at = now() where id = $1', [
    claim.jobId,
  ]);
  expect(await settleFault(db, claim, 1, buildFault({ jobStatus: 'held' }))).toBe('cancelled');
});

test('a cost that was not reported stays unknown instead of zero', async () => {
  const claim = await addInFlight(records);
  await settleSucceeded(db, claim, 1, { ...facts, costMicros: null }, images);
  expect(await readRow(records, claim.jobId)).toMatchObject({ cost_actual_micros: null });
});

test('an attempt number is used once, so a repeated claim cannot call twice', async () => {
  const claim = await addInFlight(records);
  await expect(openAttempt(db, claim, 1, deployments)).rejects.toThrow('duplicate key');
  expect(await listAttempts(db, claim.jobId)).toHaveLength(1);
});
