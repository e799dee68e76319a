/**
 * The tables of transitions are true: every statement that sets a status is run on a row in every
 * status, and the changes that happen are those that the table of the domain lists.
 */
import { attemptStatuses, attemptTransitions } from '@kiln/shared/domain/attempt-state';
import { batchStatuses, batchTransitions } from '@kiln/shared/domain/batch-state';
import { deliveryStatuses, deliveryTransitions } from '@kiln/shared/domain/delivery-state';
import { jobStatuses, jobTransitions } from '@kiln/shared/domain/job-state';
import type { Transitions } from '@kiln/shared/domain/transitions';
import { buildId } from '@kiln/shared/ids';
import { cancelChunk, requeueFailed } from '@kiln/shared/records/batches/batch-jobs';
import {
  acceptBatch,
  failBatch,
  finishBatch,
  giveUpBatch,
  refuseBatch,
  startCancelling,
  startFinalizing,
  startRetrying,
} from '@kiln/shared/records/batches/batch-transitions';
import {
  releaseClaim,
  releaseLapsedClaims,
  withdrawClaim,
  type Claim,
} from '@kiln/shared/records/jobs/claims';
import { failHeldJob, requeueJob } from '@kiln/shared/records/jobs/decisions';
import { endJob } from '@kiln/shared/records/jobs/end-job';
import { expireJobs } from '@kiln/shared/records/jobs/expiry';
import { competingRoutes } from '@kiln/shared/records/jobs/fair-tags';
import { cancelJob } from '@kiln/shared/records/jobs/jobs';
import { settleLate, withdrawUnheard } from '@kiln/shared/records/jobs/settlements';
import { redeliver, redeliverFailed } from '@kiln/shared/records/webhooks/deliveries';
import {
  closeDelivery,
  failUnclaimed,
  settleTry,
} from '@kiln/shared/records/webhooks/delivery-dispatches';
import { expect, test } from 'vitest';
import {
  addJob,
  buildFault,
  facts,
  images,
  openTestRecords,
  routes,
  type TestRecords,
} from './support.ts';
import { claimJob, settleFault, settleSucceeded } from '../../support/ledger.ts';

const records = await openTestRecords();
const { db, pool } = records;
const worker = 'wrk_test';

/** Every change that the table lists, apart from statuses that may be set again. */
function listed<Status extends string>(table: Transitions<Status>): string[] {
  const changes = (Object.keys(table) as Status[]).flatMap((from) =>
    table[from].filter((to) => to !== from).map((to) => `${from} → ${to}`),
  );
  return changes.toSorted();
}

/** The changes that the statements make to rows that `add` wrote in each of the statuses. */
async function observe<Row>(
  statuses: readonly string[],
  add: (status: string) => Promise<Row>,
  read: (row: Row) => Promise<string>,
  statements: readonly ((row: Row) => Promise<unknown>)[],
): Promise<string[]> {
  const changes = new Set<string>();
  for (const from of statuses) {
    for (const run of statements) {
      const row = await add(from);
      await run(row);
      const to = await read(row);
      if (to !== from) changes.add(`${from} → ${to}`);
    }
  }
  return [...changes].toSorted();
}

async function readStatus(table: string, id: string, where = ''): Promise<string> {
  const { rows } = await pool.query<{ status: string }>(
    `select status from kiln.${table} where ${table === 'attempts' ? 'job_id' : 'id'} = $1
      ${where}`,
    [id],
  );
  return rows[0]!.status;
}

async function addBatch(status: string): Promise<string> {
  const id = buildId('batch');
  await pool.query(
    `with file as (insert into kiln.files (id, project_id, purpose, filename, content_type, bytes,
      sha256, object_key)
       values ($1 || '_file', 'default', 'batch', '', '', 0, '', ''))
     insert into kiln.batches (id, project_id, status, endpoint, input_file_id, last_row,
       failed_count, total_count)
     values ($1, 'default', $2, '', $1 || '_file', 0, 1, 1)`,
    [id, status],
  );
  return id;
}

/** Adds a job of a batch that every statement may act on: claimed, due and with an old attempt. */
async function addJobIn(status: string): Promise<Claim & { batchId: string }> {
  const jobId = await addJob(records);
  const batchId = await addBatch('in_progress');
  await pool.query(
    `update kiln.jobs set status = $2, batch_id = $3, row_number = 1, pool = 'default',
      dispatched_at = now(), dispatch_no = 1,
       lease_owner = $4, lease_expires_at = now() - interval '1 minute',
         available_at = now() - interval '1 minute',
       expires_at = now() - interval '1 minute', finished_at = now() - interval '1 minute'
         where id = $1`,
    [jobId, status, batchId, worker],
  );
  await addAttempt(jobId, 1, 'unknown');
  return { jobId, worker, dispatchNo: 1, batchId };
}

async function addAttempt(jobId: string, no: number, status: string): Promise<void> {
  await pool.query(
    `insert into kiln.attempts (job_id, no, project_id, deployment, pool, status, worker)
     values ($1, $2, 'default', 'simulator', 'default', $3, $4)`,
    [jobId, no, status, worker],
  );
}

const requestCancel = ({ jobId }: Claim) =>
  pool.query('update kiln.jobs set cancel_requested_at = now() where id = $1', [jobId]);

test('jobs change their status as the table of transitions says', async () => {
  const observed = await observe(jobStatuses, addJobIn, ({ jobId }) => readStatus('jobs', jobId), [
    (claim) => claimJob(db, claim, 30_000),
    (claim) => releaseClaim(db, claim),
    (claim) => withdrawClaim(db, claim),
    (claim) => requestCancel(claim).then(() => releaseClaim(db, claim)),
    () => releaseLapsedClaims(db, 1),
    (claim) => requestCancel(claim).then(() => releaseLapsedClaims(db, 1)),
    (claim) => settleSucceeded(db, claim, 1, facts, images),
    (claim) => settleLate(db, { jobId: claim.jobId, no: 1 }, facts),
    ...(['queued', 'failed', 'held', 'cancelled'] as const).map(
      (jobStatus) => (claim: Claim) => settleFault(db, claim, 1, buildFault({ jobStatus })),
    ),
    ({ jobId }) => cancelJob(db, 'default', jobId),
    ({ jobId }) => requeueJob(db, 'default', jobId, ['held', 'failed', 'cancelled'], routes),
    ({ jobId }) => failHeldJob(db, 'default', jobId),
    ...(['failed', 'cancelled'] as const).map(
      (status) =>
        ({ jobId: id }: Claim) =>
          endJob(db, { projectId: 'default', id }, { status, error: buildFault().error }),
    ),
    () => expireJobs(db, 1_000),
    ({ batchId }) => cancelChunk(db, batchId, 10),
    ({ batchId }) => requeueFailed(db, batchId, new Date(), 10, competingRoutes(routes)),
  ]);
  expect(observed).toEqual(listed(jobTransitions));
});

test('attempts change their status as the table of transitions says', async () => {
  const observed = await observe(
    attemptStatuses,
    async (status) => {
      const claim = await addJobIn('in_progress');
      await addAttempt(claim.jobId, 2, status);
      return claim;
    },
    ({ jobId }) => readStatus('attempts', jobId, 'and no = 2'),
    [
      (claim) => settleSucceeded(db, claim, 2, facts, images),
      (claim) => settleSucceeded(db, claim, 1, facts, images),
      ({ jobId }) => settleLate(db, { jobId, no: 2 }, facts),
      (claim) => withdrawUnheard(db, claim, 2, buildFault().error),
      ...(['refused', 'rejected', 'unusable', 'unknown'] as const).map(
        (attemptStatus) => (claim: Claim) =>
          settleFault(db, claim, 2, buildFault({ attemptStatus })),
      ),
    ],
  );
  expect(observed).toEqual(listed(attemptTransitions));
});

test('batches change their status as the table of transitions says', async () => {
  const files = { output: null, error: null };
  const retryOneJob = async (batchId: string) => {
    const { jobId } = await addJobIn('failed');
    await pool.query('update kiln.jobs set batch_id = $2 where id = $1', [jobId, batchId]);
    await requeueJob(db, 'default', jobId, ['failed'], routes);
  };
  const accepted = {
    reading: { format: 'csv', encoding: 'utf-8', delimiter: ',', columns: [] } as never,
    rows: 1,
    jobs: 1,
    lastRow: 1,
    errors: null,
    estimatedMicros: 0,
    basis: null,
  };
  const observed = await observe(batchStatuses, addBatch, (id) => readStatus('batches', id), [
    (id) => acceptBatch(db, id, accepted),
    (id) => refuseBatch(db, id, { object: 'list', data: [] } as never, null),
    (id) => startCancelling(db, 'default', id),
    (id) => startFinalizing(db, id),
    (id) => startRetrying(db, 'default', id),
    (id) => finishBatch(db, id, 'completed', files),
    (id) => finishBatch(db, id, 'expired', files),
    (id) => finishBatch(db, id, 'cancelled', files),
    (id) => finishBatch(db, id, 'failed', files),
    (id) => giveUpBatch(db, id, { data: [], total: 0 }),
    (id) => failBatch(db, id, { data: [], total: 0 }),
    retryOneJob,
  ]);
  expect(observed).toEqual(listed(batchTransitions));
});

test('deliveries change their status as the table of transitions says', async () => {
  const made = { startedAt: new Date(), durationMs: 1, httpStatus: 200, error: null, answer: '' };
  await pool.query(
    `insert into kiln.webhook_endpoints (id, project_id, url, events)
      values ('whe_1', 'default', 'https://receiver.example', '{}')`,
  );
  const observed = await observe(
    deliveryStatuses,
    (status) => addDelivery(records, status),
    ({ deliveryId }) => readStatus('deliveries', deliveryId),
    [
      (dispatch) => settleTry(db, dispatch, made, { status: 'delivered' }),
      (dispatch) => settleTry(db, dispatch, made, { status: 'pending', pauseMs: 0 }),
      (dispatch) => settleTry(db, dispatch, made, { status: 'failed', failure: 'exhausted' }),
      (dispatch) => closeDelivery(db, dispatch, 'gone'),
      ({ deliveryId }) => failUnclaimed(db, deliveryId),
      ({ deliveryId }) => redeliver(db, deliveryId),
      () => redeliverFailed(db, 'whe_1', 0),
    ],
  );
  expect(observed).toEqual(listed(deliveryTransitions));
});

async function addDelivery({ pool: database }: TestRecords, status: string) {
  const { rows } = await database.query<{ id: string }>(
    `insert into kiln.deliveries (project_id, endpoint_id, receiver, event_id, event_type,
      event_created_at, event_data, request_id,
       status, dispatch_no, sending_since, lease_expires_at)
     values ('default', 'whe_1', 'whe_1', kiln.new_id('evt_'), 'job.created',
       now(), '{"id": "x"}', 'req', $1, 1,
       case when $1 = 'pending' then now() end, case when $1 = 'pending' then now() end)
         returning id`,
    [status],
  );
  return { deliveryId: rows[0]!.id, dispatchNo: 1 };
}
