/**
 * How a job begins and is cancelled, what is deleted by age, and which notifications listeners get.
 */
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { cancelChannel } from '@kiln/shared/records/jobs/end-job';
import { cancelJob, findJob } from '@kiln/shared/records/jobs/jobs';
import { fanOut } from '@kiln/shared/records/webhooks/delivery-fan-out';
import { stampEvents } from '@kiln/shared/records/events/event-log';
import { listen } from '@kiln/shared/records/database/notifications';
import { deleteExpired } from '@kiln/shared/records/files/retention';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  addClaimed,
  cancelByForce,
  addInFlight,
  addJob,
  buildFault,
  buildJob,
  eventsOf,
  log,
  openTestRecords,
  readRow,
  routes,
} from '../support.ts';
import { settleFault } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db, databaseUrl } = records;

test('a job and its first event are written together or not at all', async () => {
  const id = await addJob(records);
  expect(await eventsOf(records, id)).toEqual(['job.created']);

  const own = await openTestRecords();
  await own.pool.query("alter table kiln.events add constraint no_events check (type = 'nothing')");
  const job = buildJob();
  await expect(createJobIntake(own.db, routes).create(job, null)).rejects.toThrow('no_events');
  const keyed = { key: 'k', requestHash: 'h', answer: {} as never };
  await expect(createJobIntake(own.db, routes).create(job, keyed)).rejects.toThrow('no_events');
  expect(await findJob(own.db, 'default', job.id)).toBeUndefined();
  expect((await own.pool.query('select from kiln.idempotency_keys')).rowCount).toBe(0);
});

test('a hundred concurrent submissions give a hundred jobs with one event each', async () => {
  const intake = createJobIntake(db, routes);
  const jobs = Array.from({ length: 100 }, (_, index) =>
    buildJob({ request: { prompt: `boat ${index}` } }),
  );
  await Promise.all(jobs.map((job) => intake.create(job, null)));
  for (const job of jobs) {
    expect(await readRow(records, job.id)).toMatchObject({
      request: job.request,
      status: 'queued',
    });
    expect(await eventsOf(records, job.id)).toEqual(['job.created']);
  }
});

test('the first event of a job says why the job waits', async () => {
  const reasonOf = async (id: string): Promise<unknown> => {
    const { rows } = await records.pool.query<{ data: object }>(
      'select data from kiln.events where job_id = $1',
      [id],
    );
    return rows.map(({ data }) => data);
  };
  const intake = createJobIntake(db, routes);
  const [paused, keyed] = [buildJob(), buildJob()];
  await intake.create({ ...paused, wait_reason: 'pool_paused' }, null);
  const key = { key: 'why', requestHash: 'h', answer: {} as never };
  await intake.create({ ...keyed, wait_reason: 'priority' }, key);
  expect(await reasonOf(paused.id)).toMatchObject([{ queue: { reason: 'pool_paused' } }]);
  expect(await reasonOf(keyed.id)).toMatchObject([{ queue: { reason: 'priority' } }]);
});

test('a cancel ends a waiting job, leaves an ended one, and finds no missing one', async () => {
  const waiting = await addJob(records);
  expect(await cancelJob(db, 'default', waiting)).toMatchObject({ status: 'cancelled' });
  const first = await readRow(records, waiting);
  expect(await cancelJob(db, 'default', waiting)).toEqual(first);
  expect(await eventsOf(records, waiting)).toEqual(['job.created', 'job.cancelled']);

  const held = await addInFlight(records);
  await settleFault(db, held, 1, buildFault({ jobStatus: 'held' }));
  expect(await cancelJob(db, 'default', held.jobId)).toMatchObject({ status: 'cancelled' });
  expect(await cancelJob(db, 'another project', waiting)).toBeUndefined();
});

test('events, keys, deliveries and bulk actions are deleted when too old, not before', async () => {
  const own = await openTestRecords();
  const id = await addJob(own);
  await own.pool.query(`
    insert into kiln.events (project_id, type, data, created_at) values
      ('default', 'old', '{}', now() - interval '7 days 1 minute'), ('default', 'young', '{}',
        now() - interval '6 days 23 hours');
    insert into kiln.idempotency_keys (project_id, key, request_hash, response_status,
      response_body, created_at) values
      ('default', 'old', 'h', 202, '{}', now() - interval '48 hours 1 minute'),
        ('default', 'young', 'h', 202, '{}', now() - interval '47 hours')`);
  await stampEvents(own.db);
  // These events have not become deliveries yet.
  expect(await deleteExpired(own.db, { eventDays: 7, keyHours: 48 })).toEqual({
    events: 0,
    keys: 1,
  });
  await fanOut(own.db);
  await own.pool.query(`
    insert into kiln.deliveries (project_id, url, receiver, event_id, event_type, event_created_at,
      event_data, request_id, status, created_at)
    select 'default', 'https://example.com/', 'receiver', 'evt_' || status || days, 'old',
      now(), '{}', 'req', status, now() - days * interval '1 day'
    from unnest(array['delivered', 'failed', 'pending']) as status, unnest(array[6, 8]) as days`);
  await own.pool.query(`
    insert into kiln.bulk_actions (id, project_id, action, params, selected_at, total, request_id,
      status, finished_at)
    select 'blk_' || status || days, 'default', 'trash', '{}', now(), 0, 'req', status,
      case when status <> 'queued' then now() - days * interval '1 day' end
    from unnest(array['completed', 'stopped', 'queued']) as status,
      unnest(array[6, 8]) as days`);
  expect(await deleteExpired(own.db, { eventDays: 7, keyHours: 48 })).toEqual({
    events: 1,
    keys: 0,
  });
  const actions = await own.pool.query<{ id: string }>(
    'select id from kiln.bulk_actions order by id',
  );
  expect(actions.rows.map(({ id }) => id)).toEqual([
    'blk_completed6',
    'blk_queued6',
    'blk_queued8',
    'blk_stopped6',
  ]);
  const left = await own.pool.query<{ event_id: string }>(
    'select event_id from kiln.deliveries order by event_id',
  );
  expect(left.rows.map(({ event_id: id }) => id)).toEqual([
    'evt_delivered6',
    'evt_failed6',
    'evt_pending6',
    'evt_pending8',
  ]);
  expect(await deleteExpired(own.db, { eventDays: 7, keyHours: 48 })).toEqual({
    events: 0,
    keys: 0,
  });
  const { rows } = await own.pool.query<{ type: string }>(
    'select type from kiln.events order by type',
  );
  expect(rows.map(({ type }) => type)).toEqual(['job.created', 'young']);
  expect(await readRow(own, id)).toMatchObject({ status: 'queued' });
});

test('a listener hears of forced cancels, and reports a gap after it was cut off', async () => {
  const heard: string[] = [];
  let gaps = 0;
  const notifications = listen({
    databaseUrl,
    channels: { [cancelChannel]: (id) => heard.push(id) },
    onGap: () => (gaps += 1),
    log,
  });
  atEndOfFile(() => notifications.close());
  await waitFor(() => gaps === 1, { what: 'the listener to listen' });
  const [waiting, asked, executing] = [
    await addJob(records),
    await addClaimed(records),
    await addClaimed(records),
  ];
  await cancelByForce(db, waiting);
  await cancelJob(db, 'default', asked.jobId);
  await cancelByForce(db, executing.jobId);
  await waitFor(() => heard.length > 0, { what: 'a notification' });
  expect(heard).toEqual([executing.jobId]);

  for (const round of [2, 3]) {
    await records.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = ' +
        "'kiln-listener' and datname = current_database()",
    );
    await waitFor(() => gaps === round, { what: 'the listener to say that there was a gap' });
  }
  await cancelByForce(db, (await addClaimed(records)).jobId);
  await waitFor(() => heard.length === 2, { what: 'a notification after the gaps' });
});
