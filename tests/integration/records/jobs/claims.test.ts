/** Claims: one worker for a job, and no call after its lease has ended. */
import { buildId } from '@kiln/shared/ids';
import {
  extendLeases,
  findForced,
  releaseClaim,
  releaseLapsedClaims,
} from '@kiln/shared/records/jobs/claims';
import { takeWindow } from '@kiln/shared/records/jobs/dispatches';
import { cancelJob } from '@kiln/shared/records/jobs/jobs';
import { openAttempt } from '@kiln/shared/records/jobs/settlements';
import { expect, test } from 'vitest';
import { startPrivatePostgres } from '../../../support/engines/database.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  addClaimed,
  addDispatched,
  addInFlight,
  addJob,
  cancelByForce,
  deployments,
  eventsOf,
  lapse,
  leaseMs,
  openTestRecords,
  pool,
  readRow,
  waitForLock,
} from '../support.ts';
import { claimJob } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db } = records;

test('one of twenty workers that claim a job at the same time gets it', async () => {
  const { jobId, dispatchNo } = await addDispatched(records);
  const workers = Array.from({ length: 20 }, () => buildId('wrk'));
  const outcomes = await Promise.all(
    workers.map((worker) => claimJob(db, { jobId, dispatchNo, worker }, leaseMs)),
  );
  const winner = outcomes.findIndex(({ status }) => status === 'claimed');
  expect(outcomes.filter(({ status }) => status === 'claimed')).toHaveLength(1);
  expect(outcomes.filter(({ status }) => status === 'stale')).toHaveLength(19);
  expect(await readRow(records, jobId)).toMatchObject({
    status: 'in_progress',
    lease_owner: workers[winner],
  });
});

test('a claim returns the attempts that were made before', async () => {
  const claim = await addInFlight(records);
  await lapse(records, claim.jobId);
  await releaseLapsedClaims(db, 1);
  const [dispatch] = await takeWindow(db, pool, 1_000);
  const again = await claimJob(db, { ...claim, dispatchNo: dispatch!.dispatchNo }, leaseMs);
  expect(again).toMatchObject({ status: 'claimed', attempts: [{ no: 1, status: 'in_flight' }] });
});

test('a work item of an earlier dispatch is stale', async () => {
  const claim = await addClaimed(records);
  await lapse(records, claim.jobId);
  expect(await releaseLapsedClaims(db, 1)).toEqual([claim.jobId]);
  await takeWindow(db, pool, 1_000);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'queued',
    dispatch_no: claim.dispatchNo + 1,
  });
  expect(await claimJob(db, claim, leaseMs)).toEqual({ status: 'stale' });
});

test('a batch that is being cancelled has jobs claimed only with an unsettled call', async () => {
  const waiting = await addDispatched(records);
  const called = await addInFlight(records);
  await lapse(records, called.jobId);
  await releaseLapsedClaims(db, 1);
  const [again] = await takeWindow(db, pool, 1_000);
  await records.pool.query(
    `insert into kiln.files (id, project_id, purpose, filename, content_type, bytes, sha256,
      object_key)
     values ('file-1', 'default', 'batch', 'a.csv', 'text/csv', 1, '', 'files/1');
     insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
       values ('batch_1', 'default', 'cancelling', '', 'file-1')`,
  );
  await records.pool.query(
    `update kiln.jobs set batch_id = 'batch_1', row_number = case id when $1 then 1 else 2 end
      where id in ($1, $2)`,
    [waiting.jobId, called.jobId],
  );
  const { jobId, dispatchNo } = waiting;
  expect(await claimJob(db, { jobId, dispatchNo, worker: 'wrk_1' }, leaseMs)).toEqual({
    status: 'stale',
  });
  expect(await claimJob(db, { ...called, dispatchNo: again!.dispatchNo }, leaseMs)).toMatchObject({
    status: 'claimed',
  });
});

test('a claim before a job is available returns how long to wait', async () => {
  const claim = await addDispatched(records);
  const askedAtMs = performance.now();
  await records.pool.query(
    "update kiln.jobs set available_at = clock_timestamp() + interval '60 s' where id = $1",
    [claim.jobId],
  );
  const outcome = await claimJob(db, claim, leaseMs);
  const leastMs = 58_000 - (performance.now() - askedAtMs);
  expect(outcome.status === 'early' && outcome.waitMs > leastMs && outcome.waitMs <= 60_000).toBe(
    true,
  );
  await records.pool.query('update kiln.jobs set available_at = clock_timestamp() where id = $1', [
    claim.jobId,
  ]);
  expect(await claimJob(db, claim, leaseMs)).toMatchObject({ status: 'claimed' });
});

test('only the owner returns a claim, and the same work item may claim the job again', async () => {
  const claim = await addClaimed(records);
  expect(await releaseClaim(db, { ...claim, worker: 'wrk_other' })).toBe(false);
  expect(await releaseClaim(db, { ...claim, dispatchNo: claim.dispatchNo + 1 })).toBe(false);
  expect(await releaseClaim(db, claim)).toBe(true);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'queued',
    lease_owner: null,
    lease_expires_at: null,
  });
  expect(await releaseClaim(db, claim)).toBe(false);
  expect(await claimJob(db, claim, leaseMs)).toMatchObject({ status: 'claimed' });
});

test('a job whose claim is returned after a cancel request is cancelled', async () => {
  const claim = await addClaimed(records);
  expect(await cancelJob(db, 'default', claim.jobId)).toMatchObject({
    status: 'in_progress',
    cancel_forced: false,
  });
  await releaseClaim(db, claim);
  const row = await readRow(records, claim.jobId);
  expect(row.status).toBe('cancelled');
  expect(row.finished_at).not.toBeNull();
  expect(await eventsOf(records, claim.jobId)).toEqual(['job.created', 'job.cancelled']);
});

test('concurrent reconcilers return a lapsed claim to the queue exactly once', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => addJob(records)));
  const dispatches = await takeWindow(db, pool, 1_000);
  const ours = dispatches.filter(({ id }) => ids.includes(id));
  for (const { id, dispatchNo } of ours)
    await claimJob(db, { jobId: id, dispatchNo, worker: 'wrk_dead' }, leaseMs);
  for (const { id } of ours) await lapse(records, id);
  const alive = await addClaimed(records);

  const released = await Promise.all(Array.from({ length: 8 }, () => releaseLapsedClaims(db, 1)));
  expect(released.flat().toSorted()).toEqual(ids.toSorted());
  expect(await readRow(records, alive.jobId)).toMatchObject({ status: 'in_progress' });
  for (const id of ids) {
    expect(await readRow(records, id)).toMatchObject({
      status: 'queued',
      dispatched_at: null,
      lease_owner: null,
    });
  }
});

test('a lapsed claim that another statement writes is left to the next time', async () => {
  const [written, free] = [await addClaimed(records), await addClaimed(records)];
  for (const { jobId } of [written, free]) await lapse(records, jobId);
  const other = await records.pool.connect();
  try {
    await other.query('begin');
    await other.query('select from kiln.jobs where id = $1 for update', [written.jobId]);
    expect(await releaseLapsedClaims(db, 1)).toEqual([free.jobId]);
  } finally {
    await other.query('rollback');
    other.release();
  }
  expect(await releaseLapsedClaims(db, 1)).toEqual([written.jobId]);
});

test('a job whose claim lapses after a cancel request is cancelled', async () => {
  const claim = await addClaimed(records);
  await cancelJob(db, 'default', claim.jobId);
  await lapse(records, claim.jobId);
  await releaseLapsedClaims(db, 1);
  expect(await readRow(records, claim.jobId)).toMatchObject({ status: 'cancelled' });
  expect(await eventsOf(records, claim.jobId)).toEqual(['job.created', 'job.cancelled']);
});

test('a heartbeat extends the leases of a worker, and finds jobs that were forced', async () => {
  const [kept, lost, aborted] = [
    await addClaimed(records),
    await addClaimed(records),
    await addClaimed(records),
  ];
  // One worker holds two of the jobs.
  await records.pool.query('update kiln.jobs set lease_owner = $1 where id = $2', [
    kept.worker,
    aborted.jobId,
  ]);
  await cancelByForce(db, aborted.jobId);
  const before = (await readRow(records, kept.jobId)).lease_expires_at!;
  const ids = [kept.jobId, lost.jobId, aborted.jobId];
  await extendLeases(db, kept.worker, ids, leaseMs * 2);
  expect(await findForced(db, ids)).toEqual([aborted.jobId]);
  expect((await readRow(records, kept.jobId)).lease_expires_at!.getTime()).toBeGreaterThan(
    before.getTime(),
  );
});

test('a claim that is lost, lapsed, foreign or cancelled opens no attempt', async () => {
  const [other, lapsedClaim, cancelled, good] = [
    await addClaimed(records),
    await addClaimed(records),
    await addClaimed(records),
    await addClaimed(records),
  ];
  await lapse(records, lapsedClaim.jobId);
  await cancelJob(db, 'default', cancelled.jobId);
  expect(await openAttempt(db, { ...other, worker: 'wrk_other' }, 1, deployments)).toBe('refused');
  expect(
    await openAttempt(db, { ...other, dispatchNo: other.dispatchNo + 1 }, 1, deployments),
  ).toBe('refused');
  expect(await openAttempt(db, lapsedClaim, 1, deployments)).toBe('refused');
  expect(await openAttempt(db, cancelled, 1, deployments)).toBe('refused');
  expect(await openAttempt(db, good, 1, deployments)).toEqual({
    deployment: 'simulator',
    isProbe: false,
  });
  const { rows } = await records.pool.query<{ job_id: string }>(
    'select job_id from kiln.attempts where job_id = any($1)',
    [[other, lapsedClaim, cancelled, good].map(({ jobId }) => jobId)],
  );
  expect(rows).toEqual([{ job_id: good.jobId }]);
  expect(await eventsOf(records, good.jobId)).toEqual(['job.created', 'job.started']);
  expect(await eventsOf(records, cancelled.jobId)).toEqual(['job.created']);
});

test('a cancel is not lost when a worker claims the job at the same moment', async () => {
  const claim = await addDispatched(records);
  const client = await records.pool.connect();
  try {
    // The claim has written the row and is not committed; the cancel waits for it.
    await client.query('begin');
    await client.query(
      "update kiln.jobs set status = 'in_progress', lease_owner = $2 where id = $1",
      [claim.jobId, claim.worker],
    );
    const cancelling = cancelJob(db, 'default', claim.jobId);
    await waitForLock(records, 'the cancel to wait');
    await client.query('commit');
    const row = await cancelling;
    expect(row).toMatchObject({ status: 'in_progress' });
    expect(row?.cancel_requested_at).not.toBeNull();
  } finally {
    client.release();
  }
});

test('no lease lapses until one lease after a restart of the database', async () => {
  const server = await startPrivatePostgres();
  const own = await openTestRecords(server.url);
  // The attempt is on disk, and so is the claim before it.
  const claim = await addInFlight(own);
  await server.stop('immediate');
  await server.start();
  await waitFor(() => lapse(own, claim.jobId).then(() => true), {
    what: 'the database to answer again',
  });
  expect(await releaseLapsedClaims(own.db, 60_000)).toEqual([]);
  expect(await readRow(own, claim.jobId)).toMatchObject({
    status: 'in_progress',
    lease_owner: claim.worker,
  });
  // With a lease that is shorter than the time since the start, workers could extend it.
  const released = await waitFor(
    async () => {
      const ids = await releaseLapsedClaims(own.db, 100);
      return ids.length > 0 && ids;
    },
    { what: 'the lease to lapse' },
  );
  expect(released).toEqual([claim.jobId]);
});
