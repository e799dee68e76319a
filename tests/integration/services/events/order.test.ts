/** Committed events get their positions in one order, and a reader of that order misses none. */
import { onEventsWritten } from '@kiln/shared/records/events/write-events';
import { findBatchById } from '@kiln/shared/records/batches/batches';
import {
  acceptBatch,
  finishBatch,
  refuseBatch,
  startFinalizing,
} from '@kiln/shared/records/batches/batch-transitions';
import {
  eventsChannel,
  newestPosition,
  readEventsAfter,
  stampEvents,
  type EventRow,
} from '@kiln/shared/records/events/event-log';
import { listen } from '@kiln/shared/records/database/notifications';
import { deleteExpired } from '@kiln/shared/records/files/retention';
import { noForecast } from '@kiln/shared/services/batches/batch-forecast';
import { toBatch } from '@kiln/shared/services/batches/batch-view';
import { createSequencer } from '@kiln/shared/services/events/sequencer';
import { describe, expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { addJob, log, openTestRecords, readRow, type TestRecords } from '../../records/support.ts';

const typesOf = (events: readonly EventRow[]) =>
  events.map(({ type, data }) => `${type} ${data.id}`);
const readAll = ({ db }: TestRecords, after = 0) => readEventsAfter(db, after, { limit: 10_000 });
const write = (id: string) =>
  `insert into kiln.events (project_id, type, data) values ('default', 'pool.blocked', '{"id": ` +
  `"${id}"}')`;

test('the event of a transaction that commits late is read later and not missed', async () => {
  const records = await openTestRecords();
  const late = await records.pool.connect();
  await late.query('begin');
  await late.query(write('late'));
  await records.pool.query(write('early'));
  expect(await stampEvents(records.db)).toEqual({ stamped: 1, dueMs: null });
  expect(await stampEvents(records.db)).toEqual({ stamped: 0, dueMs: null });
  const [early] = await readAll(records);
  expect(early?.data.id).toBe('early');

  await late.query('commit');
  late.release();
  await stampEvents(records.db);
  const rest = await readAll(records, early?.position);
  expect(rest.map(({ data, position }) => [data.id, position])).toEqual([['late', 2]]);
  expect(await newestPosition(records.db)).toBe(2);
});

test('a reader sees each event of concurrent writers once, in the order of each', async () => {
  const records = await openTestRecords();
  const sequencers = [1, 2, 3].map(() => createSequencer({ db: records.db, log }));
  for (const sequencer of sequencers) atEndOfFile(() => sequencer.close());
  const seen: EventRow[] = [];
  let isWriting = true;
  const follow = async () => {
    for (;;) {
      const wasWriting = isWriting;
      for (const sequencer of sequencers) sequencer.wake();
      if (!wasWriting) await sequencers[0]?.stamp();
      const page = await readEventsAfter(records.db, seen.at(-1)?.position ?? 0, { limit: 50 });
      seen.push(...page);
      if (!wasWriting && page.length === 0) return;
    }
  };
  const following = follow();

  // Each writer counts up in its own transactions, which commit in another order than they began.
  const writers = 8;
  const each = 40;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const client = await records.pool.connect();
      for (let n = 0; n < each; n += 1) {
        await client.query('begin');
        await client.query(write(`${writer}-${n}`));
        for (let pause = 0; pause < (writer * 7 + n) % 5; pause += 1)
          await client.query('select pg_sleep(0.002)');
        await client.query('commit');
        await client.query('begin');
        await client.query(write('never'));
        await client.query('rollback');
      }
      client.release();
    }),
  );
  isWriting = false;
  await following;
  expect(seen.map(({ position }) => position)).toEqual(seen.map((_, index) => index + 1));
  for (let writer = 0; writer < writers; writer += 1) {
    const own = seen
      .filter(({ data }) => data.id.startsWith(`${writer}-`))
      .map(({ data }) => data.id);
    expect(own).toEqual(Array.from({ length: each }, (_, n) => `${writer}-${n}`));
  }
  expect(seen).toHaveLength(writers * each);
});

test('another process makes the events of a dead one readable', async () => {
  const records = await openTestRecords();
  const heard: number[] = [];
  const notifications = listen({
    databaseUrl: records.databaseUrl,
    channels: { [eventsChannel]: (position) => heard.push(Number(position)) },
    onGap: () => heard.push(0),
    log,
  });
  atEndOfFile(() => notifications.close());
  await waitFor(() => heard.length === 1, { what: 'the listener to listen' });

  // No sequencer runs yet, as if the writer was killed right after its commit.
  await addJob(records);
  expect(await readAll(records)).toEqual([]);
  const sequencer = createSequencer({ db: records.db, log });
  onEventsWritten(records, sequencer.wake);
  await waitFor(() => heard.length === 2, { what: 'the other process to look' });

  // The clock alone looks only five seconds after the last time. A busy machine may be as slow.
  let tookMs = Number.POSITIVE_INFINITY;
  for (let tries = 0; tookMs > 2_500 && tries < 20; tries += 1) {
    const startedMs = performance.now();
    const before = heard.length;
    await addJob(records);
    await waitFor(() => heard.length > before, { what: 'the event to be readable' });
    tookMs = performance.now() - startedMs;
  }
  expect(tookMs).toBeLessThanOrEqual(2_500);
  expect(heard).toEqual(heard.map((_, index) => index));

  const jobs = heard.length; // the first one heard of the gap, and the next job is not heard yet
  await addJob(records);
  await sequencer.close();
  expect(await readAll(records)).toHaveLength(jobs);
});

test('expired events are deleted, except those that are not readable yet', async () => {
  const records = await openTestRecords();
  const add = (id: string, days: number) =>
    records.pool.query(
      `insert into kiln.events (project_id, type, data, created_at)
       values ('default', 'pool.blocked', $1, now() - $2 * interval '1 day')`,
      [{ id }, days],
    );
  const ages = { oldest: 8, old: 7.1, young: 6.9 };
  for (const [id, days] of Object.entries(ages)) await add(id, days);
  await stampEvents(records.db);
  // All three have become deliveries.
  await records.pool.query('update kiln.webhook_cursor set position = 3');
  await add('unread', 9);
  expect(await deleteExpired(records.db, { eventDays: 7, keyHours: 48 })).toMatchObject({
    events: 2,
  });
  await stampEvents(records.db);
  expect(typesOf(await readAll(records))).toEqual(['pool.blocked young', 'pool.blocked unread']);
  expect(await newestPosition(records.db)).toBe(4);
});

describe('batches', () => {
  test('each change of state writes its event, with the counts at that moment', async () => {
    const records = await openTestRecords();
    await addBatch(records, 'batch_1');
    await addBatch(records, 'batch_2');
    await refuseBatch(records.db, 'batch_2', { data: [], total: 1 }, null);
    await accept(records, 'batch_1', 2);
    await accept(records, 'batch_1', 2); // not again
    const jobs = [await addBatchJob(records, 'batch_1'), await addBatchJob(records, 'batch_1')];
    for (const job of jobs) await end(records, job, 'succeeded');
    await startFinalizing(records.db, 'batch_1');
    await finishBatch(records.db, 'batch_1', 'completed', {
      output: null,
      error: null,
    });
    await stampEvents(records.db);
    const told = (await readAll(records)).filter(({ type }) => type.startsWith('batch.'));
    expect(typesOf(told)).toEqual([
      'batch.failed batch_2',
      'batch.in_progress batch_1',
      'batch.completed batch_1',
    ]);
    const batch = toBatch((await findBatchById(records.db, 'batch_1'))!, noForecast);
    const { id, status, request_counts, cost } = batch;
    expect(told.at(-1)).toMatchObject({
      batch_id: 'batch_1',
      job_id: null,
      data: { id, status, request_counts, cost },
    });
    expect(Object.keys(told.at(-1)?.data ?? {}).toSorted()).toEqual([
      'cost',
      'id',
      'request_counts',
      'status',
    ]);
  });

  test('progress comes at most once a second, with the last state, before the end', async () => {
    const records = await openTestRecords();
    await addBatch(records, 'batch_1');
    await accept(records, 'batch_1', 30);
    const jobs = [];
    for (let n = 0; n < 30; n += 1) jobs.push(await addBatchJob(records, 'batch_1'));
    const sequencer = createSequencer({ db: records.db, log });
    atEndOfFile(() => sequencer.close());
    onEventsWritten(records, sequencer.wake);
    const startedMs = Date.now();
    for (const job of jobs.slice(0, 25)) {
      await end(records, job, 'failed');
      await sequencer.stamp();
    }
    // The last state is reported although nothing else happens.
    const progress = async () =>
      (await readAll(records)).filter(({ type }) => type === 'batch.progress');
    await waitFor(async () => countsOf((await progress()).at(-1)).failed === 25, {
      what: 'the last state to be told',
    });
    const told = await progress();
    expect(told.length).toBeLessThanOrEqual(1 + (Date.now() - startedMs) / 1000);
    expect(told.length).toBeGreaterThan(1);

    for (const job of jobs.slice(25)) await end(records, job, 'failed');
    await startFinalizing(records.db, 'batch_1');
    await finishBatch(records.db, 'batch_1', 'completed', {
      output: null,
      error: null,
    });
    const isForgotten = async () =>
      (await records.pool.query('select from kiln.batch_progress')).rowCount === 0;
    await waitFor(isForgotten, { what: 'the batch to be done with' });
    expect((await readAll(records)).at(-1)?.type).toBe('batch.completed');
  });

  test('a batch whose job is retried reports that it is in progress again', async () => {
    const records = await openTestRecords();
    await addBatch(records, 'batch_1');
    await accept(records, 'batch_1', 1);
    const job = await addBatchJob(records, 'batch_1');
    await end(records, job, 'failed');
    await startFinalizing(records.db, 'batch_1');
    await finishBatch(records.db, 'batch_1', 'completed', {
      output: null,
      error: null,
    });
    await records.pool.query(`update kiln.jobs set status = 'queued' where id = $1`, [job]);
    await stampEvents(records.db);
    const last = (await readAll(records)).findLast(({ type }) => type !== 'batch.progress');
    expect(last).toMatchObject({ type: 'batch.in_progress', data: { status: 'in_progress' } });
    expect(countsOf(last)).toMatchObject({ failed: 0, in_queue: 1 });
    expect(await readRow(records, job)).toMatchObject({ status: 'queued' });
  });
});

const countsOf = (event: EventRow | undefined) =>
  (event?.data['request_counts'] ?? {}) as Record<string, number>;

async function addBatch({ pool }: TestRecords, id: string): Promise<void> {
  await pool.query(
    `with file as (
       insert into kiln.files
         (id, project_id, purpose, filename, content_type, bytes, sha256, object_key)
       values ('file-' || $1, 'default', 'batch', 'x', 'x', 1, 'x', 'x') returning id
     )
     insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
     select $1, 'default', 'validating', 'x', id from file`,
    [id],
  );
}

async function addBatchJob(records: TestRecords, batchId: string): Promise<string> {
  const id = await addJob(records);
  await records.pool.query('update kiln.jobs set batch_id = $2 where id = $1', [id, batchId]);
  return id;
}

function accept({ db }: TestRecords, id: string, rows: number): Promise<boolean> {
  return acceptBatch(db, id, {
    reading: { format: 'csv', encoding: 'utf-8', delimiter: ',', columns: [] },
    rows,
    jobs: rows,
    lastRow: 0,
    errors: null,
    estimatedMicros: 5_900,
    basis: null,
  });
}

/** Ends a job and writes its event, as settling does. */
async function end(
  records: TestRecords,
  id: string,
  status: 'succeeded' | 'failed',
): Promise<void> {
  await records.pool.query(
    `with job as (
       update kiln.jobs set status = $2, cost_actual_micros = 5000 where id = $1 returning *
     )
     insert into kiln.events (project_id, type, job_id, batch_id, data)
     select project_id, 'job.' || status, id, batch_id,
       jsonb_build_object('id', id, 'status', status, 'batch_id', batch_id)
     from job`,
    [id, status],
  );
}
