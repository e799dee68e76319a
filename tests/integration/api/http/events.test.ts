/** Event streams over HTTP: what they send, where they begin and resume, when they end. */
import { findPosition } from '@kiln/shared/records/events/event-log';
import { deleteExpired } from '@kiln/shared/records/files/retention';
import { describe, expect, test } from 'vitest';
import { enginesOf } from '../../../support/engines/engines.ts';
import { startKiln } from '../../../support/kiln.ts';
import { follow, type Follower } from '../../../support/network/event-stream.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { makeBatch, reached, rowsOf } from '../batches/batches-support.ts';
import { engineNamed, readError } from '../support.ts';
import { readEvents } from './read-events.ts';

/** Without Kiln's own retries: a busy machine may miss a start, and the job waits for another. */
const withoutRetries = ({ events }: Follower) =>
  events.filter(({ type, data }) => type !== 'job.retrying' || !('queue' in data));
const typesOf = (follower: Follower) => withoutRetries(follower).map(({ type }) => type);
const postgres = engineNamed('postgres');

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('a stream has every event of a job and ends with it; resuming then is a 204', async () => {
    const kiln = await startKiln({ engine });
    const { id } = await kiln.submit();
    const follower = await follow(`${kiln.url}/v1/jobs/${id}/events`);
    expect(follower.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await follower.ended).toBe('ended');
    expect(typesOf(follower)).toEqual(['job.created', 'job.started', 'job.succeeded']);
    expect(follower.asides[0]).toMatch(/^retry: [1-3]\d{3}$/);
    expect(follower.events.at(-1)).toMatchObject({
      object: 'event',
      data: { id, status: 'succeeded', batch_id: null },
    });

    const again = await follow(`${kiln.url}/v1/jobs/${id}/events`, follower.events[0]?.id);
    expect(await again.ended).toBe('ended');
    expect(again.events).toEqual(follower.events.slice(1));
    expect(
      await follow(`${kiln.url}/v1/jobs/${id}/events`, follower.events.at(-1)?.id),
    ).toMatchObject({
      status: 204,
    });
  });

  test('the stream of a batch has the events of its jobs, and its counts at the end', async () => {
    const kiln = await startKiln({ engine });
    const { id } = await makeBatch(kiln, rowsOf(12));
    const follower = await follow(`${kiln.url}/v1/batches/${id}/events`);
    expect(await follower.ended).toBe('ended');
    const types = typesOf(follower);
    expect([types[0], types.at(-1)]).toEqual(['batch.in_progress', 'batch.completed']);
    expect(types.filter((type) => type === 'job.succeeded')).toHaveLength(12);
    const batch = await reached(kiln, id);
    expect(follower.events.at(-1)?.data).toEqual({
      id,
      status: 'completed',
      request_counts: batch.request_counts,
      cost: batch.cost,
    });
    expect(new Set(follower.events.map((event) => event.id)).size).toBe(follower.events.length);
    expect(
      await follow(`${kiln.url}/v1/batches/${id}/events`, follower.events.at(-1)?.id),
    ).toMatchObject({
      status: 204,
    });
  });
});

test('/v1/events begins with new events, resumes after a cut, and filters by type', async () => {
  const kiln = await startKiln({ engine: postgres });
  const first = await kiln.submit();
  await (
    await follow(`${kiln.url}/v1/jobs/${first.id}/events`)
  ).ended;
  const all = await follow(`${kiln.url}/v1/events`);
  const some = await follow(`${kiln.url}/v1/events?types=job.succeeded,job.failed,job.created`);
  await waitFor(() => all.asides.length > 1 && some.asides.length > 1, {
    what: 'both streams to have begun',
  });
  const second = await kiln.ended((await kiln.submit()).id);
  await waitFor(() => typesOf(all).length === 3 && some.events.length === 2, {
    what: 'the events of the second job',
  });
  expect(all.events.every(({ data }) => data.id === second.id)).toBe(true);
  expect(typesOf(some)).toEqual(['job.created', 'job.succeeded']);
  all.cut();
  some.cut();

  const third = await kiln.ended((await kiln.submit()).id);
  const started = withoutRetries(all)[1]!.id;
  for (const path of [`?last_event_id=${started}`, `?after=${started}`]) {
    const resumed = await follow(`${kiln.url}/v1/events${path}`);
    await waitFor(() => typesOf(resumed).length === 4, { what: 'the missed events' });
    expect(withoutRetries(resumed).map(({ data }) => data.id)).toEqual([
      second.id,
      third.id,
      third.id,
      third.id,
    ]);
    resumed.cut();
  }
  // The header wins over the query parameter: EventSource updates only the header.
  const own = await follow(
    `${kiln.url}/v1/events?job_id=${first.id}&last_event_id=evt_x`,
    all.events[0]!.id,
  );
  expect(own.status).toBe(200);
  own.cut();
});

test('a client without events resumes at its cursor until later events are deleted', async () => {
  const kiln = await startKiln({ engine: postgres, workers: false });
  const { pool, db } = kiln.deps.records;
  const quiet = `${kiln.url}/v1/events?types=job.cancelled`;
  await kiln.submit();
  const readCursor = async (): Promise<string> => {
    const follower = await follow(quiet);
    const [, cursor = ''] =
      (await waitFor(() => /^: waiting\nid: (\S+)$/.exec(follower.asides[1] ?? ''), {
        what: 'the beginning of the stream',
      })) ?? [];
    follower.cut();
    return cursor;
  };
  const first = await readCursor();
  const { id } = await kiln.submit();
  await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  for (const query of [`&after=${first}`, `&last_event_id=${first}`]) {
    const resumed = await follow(`${quiet}${query}`);
    await waitFor(() => resumed.events.length === 1, { what: 'the events after the cursor' });
    expect(resumed.events[0]?.data.id).toBe(id);
    resumed.cut();
  }

  const last = await readCursor();
  await pool.query(`update kiln.events set created_at = now() - interval '8 days'`);
  await pool.query(
    'update kiln.webhook_cursor set position = (select position from kiln.newest_position)',
  );
  expect((await deleteExpired(db, { eventDays: 7, keyHours: 48 })).events).toBe(3);
  const back = await follow(quiet, last);
  expect(back.status).toBe(200);
  back.cut();
  // This process can still resume from memory; another one would look the cursor up.
  for (const cursor of [first, 'cursor_0'])
    expect(await findPosition(db, 'default', cursor)).toBeUndefined();
  for (const cursor of ['cursor_1000', 'cursor_x', 'cursor_-1', 'cursor_1e3']) {
    const headers = { 'last-event-id': cursor };
    const error = await readError(await kiln.request('/v1/events', { headers }));
    expect(error).toMatchObject({ status: 410, code: 'event_gone' });
  }
});

test('kept events are read page by page as JSON, oldest first', async () => {
  const kiln = await startKiln({ engine: postgres });
  const { id } = await kiln.ended((await kiln.submit()).id);
  const read = (query: string) => readEvents(kiln, query);
  await waitFor(async () => (await read('?types=job.succeeded')).data.length === 1, {
    what: 'the end to be readable',
  });
  // A busy machine may miss a start, which has events of its own.
  const types = 'types=job.created,job.started,job.succeeded';
  const page = await read(`?job_id=${id}&${types}&limit=2`);
  expect(page).toMatchObject({
    object: 'list',
    has_more: true,
    data: [{ type: 'job.created' }, { type: 'job.started' }],
  });
  expect(await read(`?${types}&limit=2&after=${page.last_id}`)).toMatchObject({
    has_more: false,
    data: [{ type: 'job.succeeded' }],
  });
  expect(await read('?types=job.failed')).toMatchObject({ data: [], has_more: false });
});

test('a stream that cannot be served is refused with its code and field', async () => {
  const kiln = await startKiln({
    engine: postgres,
    workers: false,
    env: { KILN_EVENT_STREAMS_PER_CALLER: '2' },
  });
  const { id } = await kiln.submit();
  const errorOf = async (path: string, headers: Record<string, string> = {}) =>
    readError(await kiln.request(path, { headers }));
  expect(await errorOf('/v1/jobs/job_x/events')).toMatchObject({
    status: 404,
    code: 'job_not_found',
  });
  expect(await errorOf('/v1/batches/batch_x/events')).toMatchObject({
    status: 404,
    code: 'batch_not_found',
  });
  expect(await errorOf('/v1/events', { 'last-event-id': 'evt_x' })).toMatchObject({
    status: 410,
    code: 'event_gone',
    param: 'Last-Event-ID',
  });
  expect(await errorOf(`/v1/jobs/${id}/events?after=evt_x`)).toMatchObject({
    status: 410,
    param: 'after',
  });
  const typo = await errorOf('/v1/events?types=job.created,job.sucseeded');
  expect(typo).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(typo.message).toMatch(/job\.sucseeded.*job\.succeeded/);
  expect(await errorOf('/v1/events?jobid=x')).toMatchObject({
    status: 400,
    code: 'unknown_parameter',
    param: 'jobid',
  });
  expect((await kiln.request('/v1/events', { method: 'HEAD' })).status).toBe(404);

  const open = [
    await follow(`${kiln.url}/v1/events`),
    await follow(`${kiln.url}/v1/jobs/${id}/events`),
  ];
  const refused = await kiln.request('/v1/events');
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await readError(refused)).toMatchObject({ status: 429, code: 'too_many_streams' });
  for (const follower of open) follower.cut();
  await waitFor(
    async () => {
      const follower = await follow(`${kiln.url}/v1/events`);
      follower.cut();
      return follower.status === 200;
    },
    { what: 'the slots to be free' },
  );
});

test('streams end when the process stops', async () => {
  const stopping = await startKiln({ engine: postgres, workers: false });
  const { id } = await stopping.submit();
  const follower = await follow(`${stopping.url}/v1/jobs/${id}/events`);
  await waitFor(() => follower.events.length === 1, { what: 'the first event' });
  await stopping.close();
  expect(await follower.ended).toBe('ended');
});

test('the events of an ended job that fill a page are sent once; resuming is a 204', async () => {
  const kiln = await startKiln({ engine: postgres, workers: false });
  const { id } = await kiln.submit();
  await kiln.deps.records.pool.query(
    `insert into kiln.events (project_id, type, job_id, data)
     select 'default', 'job.partial_image', $1, jsonb_build_object('id', $1::text)
     from generate_series(1, 498)`,
    [id],
  );
  await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  const follower = await follow(`${kiln.url}/v1/jobs/${id}/events`);
  expect(await follower.ended).toBe('ended');
  expect(follower.events).toHaveLength(500);
  expect(follower.asides).toEqual([expect.stringMatching(/^retry: /)]);
  expect(
    await follow(`${kiln.url}/v1/jobs/${id}/events`, follower.events.at(-1)?.id),
  ).toMatchObject({
    status: 204,
  });
});

test('the stream of a failed job resumes after the job is retried', async () => {
  const kiln = await startKiln({ engine: postgres });
  await kiln.control('POST', 'faults', { fault: 'openai moderation', times: 1 });
  const { id } = await kiln.submit();
  const follower = await follow(`${kiln.url}/v1/jobs/${id}/events`);
  expect(await follower.ended).toBe('ended');
  const types = typesOf(follower);
  expect(types.at(-1)).toBe('job.failed');
  expect((await kiln.request(`/v1/jobs/${id}/retry`, { method: 'POST' })).status).toBe(200);
  const again = await follow(`${kiln.url}/v1/jobs/${id}/events`, follower.events.at(-1)?.id);
  expect(await again.ended).toBe('ended');
  expect([typesOf(again)[0], typesOf(again).at(-1)]).toEqual(['job.retrying', 'job.succeeded']);
});
