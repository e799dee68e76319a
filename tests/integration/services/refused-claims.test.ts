/**
 * Work items that the database never lets a worker claim end as failed, after a few claims with
 * growing pauses, and other work goes on. The test claims them itself, so nothing waits for the
 * pauses. `failing-work.test.ts` has the steps that fail after the claim.
 */
import { batchesQueue } from '@kiln/shared/queue/catalogue';
import type { Batch } from '@kiln/shared/schemas/batch';
import { runJob } from '@kiln/shared/services/running/run-job';
import { advanceBatch, type Advance } from '@kiln/shared/services/batches/work/advance';
import { deliverEvent } from '@kiln/shared/services/webhooks/deliver-event';
import { expect, onTestFinished, test } from 'vitest';
import { openWorkerDeps } from '../../../apps/worker/src/deps.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { startKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import { engineNamed } from '../api/support.ts';
import { createEndpoint, deliveryIs, onlyDelivery, webhookEnv } from '../webhooks/support.ts';

const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { ...webhookEnv, LOG_LEVEL: 'silent' },
  workers: false,
});
const { pool } = kiln.deps.records;
const worker = await openWorkerDeps(kiln.deps, new AbortController().signal);
atEndOfFile(() => worker.close());

await pool.query(`
  create function kiln.refuse() returns trigger language plpgsql as $$
  begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$`);

/** Makes the database refuse each claim of one row. Returns the function that ends this. */
async function refuseClaims(table: string, id: string): Promise<() => Promise<void>> {
  const claimed = {
    jobs: `new.status = 'in_progress'`,
    batches: 'new.lease_expires_at is not null',
    deliveries: 'new.sending_since is not null',
  }[table];
  await pool.query(`
    create trigger refuse before update on kiln.${table} for each row
      when (new.id = '${id}' and ${claimed}) execute function kiln.refuse()`);
  return async () => void (await pool.query(`drop trigger refuse on kiln.${table}`));
}

const pausesMs = [5_000, 10_000, 20_000, 40_000];

async function dispatchOf(id: string) {
  return waitFor(
    async () => {
      const { rows } = await pool.query<{ dispatchNo: number }>(
        `select dispatch_no as "dispatchNo" from kiln.jobs
         where id = $1 and dispatched_at is not null`,
        [id],
      );
      return rows[0] !== undefined && { jobId: id, requestId: 'req_1', ...rows[0] };
    },
    { what: 'the job to be dispatched' },
  );
}

test('a job fails', async () => {
  const [refused, other] = [await kiln.submit(), await kiln.submit()];
  const accept = await refuseClaims('jobs', refused.id);
  const outcomes = [];
  for (let run = 0; run < 5; run += 1)
    outcomes.push(await runJob(worker.run, await dispatchOf(refused.id)));
  expect(outcomes).toEqual([
    ...pausesMs.map((delayMs) => ({ status: 'later', delayMs })),
    { status: 'done' },
  ]);
  expect(await kiln.read(refused.id)).toMatchObject({
    status: 'failed',
    error: { code: 'run_failed' },
    cost: { actual: null, at_risk: 0 },
  });
  await runJob(worker.run, await dispatchOf(other.id));
  expect((await kiln.ended(other.id)).status).toBe('succeeded');
  await accept();
});

const readBatch = async (id: string) =>
  (await (await kiln.request(`/v1/batches/${id}`)).json()) as Batch;

test.each([
  ['validating', ['failed'], /^Reading the file/],
  // Its jobs are cancelled first.
  ['in_progress', ['cancelling', 'failed'], /^Cancelling the batch/],
  ['finalizing', ['failed'], /^Writing the output files/],
  ['cancelling', ['failed'], /^Cancelling the batch/],
])('a batch that is %s fails', async (status, statuses, message) => {
  const headers = { 'content-type': 'text/csv' };
  const body = 'prompt\nA boat\n';
  const response = await kiln.request('/v1/batches', { method: 'POST', headers, body });
  const { id } = (await response.json()) as Batch;
  await pool.query(
    `update kiln.batches set status = $2, row_count = 1, total_count = 1,
       last_row = case when $2 <> 'validating' then 1 end where id = $1`,
    [id, status],
  );
  const accept = await refuseClaims('batches', id);
  const seen: string[] = [];
  for (const _ of statuses) {
    const outcomes: Advance[] = [];
    for (let run = 0; run < 5; run += 1) outcomes.push(await advanceBatch(worker.batches, id));
    expect(outcomes).toEqual([
      ...pausesMs.map((delayMs) => ({ status: 'refused', delayMs })),
      { status: 'done' },
    ]);
    seen.push((await readBatch(id)).status);
  }
  await accept();
  expect(seen).toEqual(statuses);
  const [error] = (await readBatch(id)).errors?.data ?? [];
  expect(error?.code).toBe('run_failed');
  expect(error?.message).toMatch(message);
});

test('a delivery fails', async () => {
  const endpoint = await createEndpoint(kiln, 'http://127.0.0.1:1/hook', ['job.created']);
  await kiln.submit();
  const { id } = await onlyDelivery(kiln, endpoint.id, { status: 'pending' });
  const accept = await refuseClaims('deliveries', id);
  for (let run = 0; run < 5; run += 1) {
    expect(await deliveryIs(kiln, id, {})).toMatchObject({ status: 'pending' });
    const { rows } = await pool.query<{ dispatchNo: number }>(
      'select dispatch_no as "dispatchNo" from kiln.deliveries where id = $1',
      [id],
    );
    await deliverEvent(worker.deliveries, { deliveryId: id, dispatchNo: rows[0]!.dispatchNo });
  }
  await accept();
  expect(await deliveryIs(kiln, id, {})).toMatchObject({
    status: 'failed',
    failure: 'exhausted',
    tries: { made: 0 },
  });
});

test('a batch whose row cannot be changed does not keep the others from their work', async () => {
  const post = async () => {
    const headers = { 'content-type': 'text/csv' };
    const body = 'prompt\nA boat\n';
    const response = await kiln.request('/v1/batches', { method: 'POST', headers, body });
    return ((await response.json()) as Batch).id;
  };
  const ids = [await post(), await post(), await post()];
  const producer = kiln.deps.engine.producer('batches', batchesQueue);
  onTestFinished(() => producer.close());
  // The API adds their items after its answers. As soon as their numbers differ, they are lost.
  const areHeld = async () => {
    const held = [...(await producer.heldIds())];
    return ids.every((id) => held.some((item) => item.startsWith(id)));
  };
  await waitFor(areHeld, { what: 'the items of the batches' });
  await pool.query('update kiln.batches set lease_no = 50 where id = any($1)', [ids]);
  await pool.query(`
    create trigger refuse before update on kiln.batches for each row
      when (new.id = '${ids[1]}') execute function kiln.refuse()`);
  await kiln.deps.batchQueue.enqueueMissing();
  await pool.query('drop trigger refuse on kiln.batches');
  const { rows } = await pool.query<{ no: number }>(
    'select lease_no as no from kiln.batches where id = any($1) order by id',
    [ids],
  );
  expect(rows.map(({ no }) => no)).toEqual([51, 50, 51]);
});
