/** Following events over HTTP. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Event } from '@kiln/shared/schemas/event';
import { findPosition } from '@kiln/shared/records/events/event-log';
import { deleteExpired } from '@kiln/shared/records/files/retention';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engines } from '../../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { makeBatch, reached, rowsOf } from '../batches/batches-support.ts';
import { follow, type Follower } from '../../../support/network/event-stream.ts';
import { engineNamed, readError } from '../support.ts';

const typesOf = ({ events }: Follower) => events.map(({ type }) => type);
const postgres = engineNamed('postgres');

async function readEvents(kiln: TestKiln, query = '') {
  const response = await kiln.request(`/v1/events${query}`, {
    headers: { accept: 'application/json' },
  });
  return (await response.json()) as { data: Event[]; has_more: boolean; last_id: string };
}

/** An event gets its place some time after its job was accepted. */
function firstEvent(kiln: TestKiln): Promise<Event> {
  return waitFor(async () => (await readEvents(kiln)).data[0], {
    what: 'the first event to have its place',
  });
}

describe.each(engines)('on $name', (engine) => {
  test('a job is followed from its first event to its end; then there is nothing to come back for', async () => {
    const kiln = await startKiln({ engine });
    const { id } = await kiln.submit();
    const follower = await follow(`${kiln.url}/v1/jobs/${id}/events`);
    expect(follower.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await follower.ended).toBe('ended');
    expect(typesOf(follower)).toEqual(['job.created', 'job.started', 'job.succeeded']);
    expect(follower.asides[0]).toMatch(/^retry: [1-3]\d{3}$/);
    expect(follower.events[2]).toMatchObject({
      object: 'event',
      data: { id, status: 'succeeded', batch_id: null },
    });

    const again = await follow(`${kiln.url}/v1/jobs/${id}/events`, follower.events[0]?.id);
    expect(await again.ended).toBe('ended');
    expect(again.events).toEqual(follower.events.slice(1));
    expect(await follow(`${kiln.url}/v1/jobs/${id}/events`, follower.events[2]?.id)).toMatchObject({
      status: 204,
    });
  });

  test('a batch is followed with its jobs, and with its counts at the end', async () => {
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
    expect(new Set(follower.events.map((event) => event.id)).size).toBe(types.length);
    expect(
      await follow(`${kiln.url}/v1/batches/${id}/events`, follower.events.at(-1)?.id),
    ).toMatchObject({
      status: 204,
    });
  });
});

test('/v1/events begins now, resumes where it was cut off, and shows what was asked for', async () => {
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
  await waitFor(() => all.events.length === 3 && some.events.length === 2, {
    what: 'the events of the second job',
  });
  expect(all.events.every(({ data }) => data.id === second.id)).toBe(true);
  expect(typesOf(some)).toEqual(['job.created', 'job.succeeded']);
  all.cut();
  some.cut();

  const third = await kiln.ended((await kiln.submit()).id);
  for (const path of [`?last_event_id=${all.events[1]!.id}`, `?after=${all.events[1]!.id}`]) {
    const resumed = await follow(`${kiln.url}/v1/events${path}`);
    await waitFor(() => resumed.events.length === 4, { what: 'what was missed' });
    expect(resumed.events.map(({ data }) => data.id)).toEqual([
      second.id,
      third.id,
      third.id,
      third.id,
    ]);
    resumed.cut();
  }
  // The header is newer than the address.
  const own = await follow(
    `${kiln.url}/v1/events?job_id=${first.id}&last_event_id=evt_x`,
    all.events[0]!.id,
  );
  expect(own.status).toBe(200);
  own.cut();
});

test('a client that nothing was sent to resumes where it has been told to be, for as long as nothing behind it is deleted', async () => {
  const kiln = await startKiln({ engine: postgres, workers: false });
  const { pool, db } = kiln.deps.records;
  const quiet = `${kiln.url}/v1/events?types=job.cancelled`;
  await kiln.submit();
  const placeOf = async (): Promise<string> => {
    const follower = await follow(quiet);
    const [, place = ''] =
      (await waitFor(() => /^: waiting\nid: (\S+)$/.exec(follower.asides[1] ?? ''), {
        what: 'the beginning of the stream',
      })) ?? [];
    follower.cut();
    return place;
  };
  const first = await placeOf();
  const { id } = await kiln.submit();
  await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  for (const query of [`&after=${first}`, `&last_event_id=${first}`]) {
    const resumed = await follow(`${quiet}${query}`);
    await waitFor(() => resumed.events.length === 1, { what: 'what came behind the place' });
    expect(resumed.events[0]?.data.id).toBe(id);
    resumed.cut();
  }

  const last = await placeOf();
  await pool.query(`update kiln.events set created_at = now() - interval '8 days'`);
  await pool.query(
    'update kiln.webhook_cursor set position = (select position from kiln.newest_position)',
  );
  expect((await deleteExpired(db, { eventDays: 7, keyHours: 48 })).events).toBe(3);
  const back = await follow(quiet, last);
  expect(back.status).toBe(200);
  back.cut();
  // What this process has in memory it can still tell; another could not.
  for (const place of [first, 'cursor_0'])
    expect(await findPosition(db, 'default', place)).toBeUndefined();
  for (const place of ['cursor_1000', 'cursor_x', 'cursor_-1', 'cursor_1e3'])
    expect(await readError(await kiln.request('/v1/events', { headers: { 'last-event-id': place } }))).toMatchObject({ status: 410, code: 'event_gone' }); // prettier-ignore
});

test('EventSource comes back to where it was told to be, though it was sent no event', async () => {
  const kiln = await startKiln({ engine: postgres, workers: false });
  await kiln.submit();
  await firstEvent(kiln);
  const resumed: (string | undefined)[] = [];
  // Cuts every stream behind its first place.
  const front = createServer(async (request, response) => {
    resumed.push(request.headers['last-event-id'] as string | undefined);
    if (resumed.length > 2) return; // enough is known
    const stream = await fetch(`${kiln.url}${request.url}`);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for await (const text of stream.body!.pipeThrough(new TextDecoderStream())) {
      response.write(text.replace(/^retry: .*$/m, 'retry: 1'));
      if (text.includes('cursor_')) break;
    }
    response.end();
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const source = spawn(process.execPath, ['--no-warnings', '--experimental-eventsource', '-e', `setInterval(() => {}, 1000); new EventSource('http://127.0.0.1:${(front.address() as AddressInfo).port}/v1/events')`]); // prettier-ignore
  onTestFinished(() => {
    source.kill();
    front.closeAllConnections();
    front.close();
  });
  await waitFor(() => resumed.length === 3, { what: 'the client to come back twice' });
  expect(resumed).toEqual([undefined, 'cursor_1', 'cursor_1']);
});

test('kept events are read page by page as JSON, oldest first', async () => {
  const kiln = await startKiln({ engine: postgres });
  const { id } = await kiln.ended((await kiln.submit()).id);
  const read = (query: string) => readEvents(kiln, query);
  await waitFor(async () => (await read('')).data.length === 3, { what: 'the end to be readable' });
  const page = await read(`?job_id=${id}&limit=2`);
  expect(page).toMatchObject({
    object: 'list',
    has_more: true,
    data: [{ type: 'job.created' }, { type: 'job.started' }],
  });
  expect(await read(`?limit=2&after=${page.last_id}`)).toMatchObject({
    has_more: false,
    data: [{ type: 'job.succeeded' }],
  });
  expect(await read('?types=job.failed')).toMatchObject({ data: [], has_more: false });
});

test('what cannot be followed is refused in words', async () => {
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
    { what: 'their places to be free' },
  );
});

test('clients that go away before anything has been written leave their places, whenever that is', async () => {
  const kiln = await startKiln({
    engine: postgres,
    workers: false,
    env: { KILN_EVENT_STREAMS_PER_CALLER: '2' },
  });
  const port = Number(new URL(kiln.url).port);
  const { id } = await kiln.submit();
  for (const path of ['/v1/events', `/v1/jobs/${id}/events`, '/v1/events?after=evt_x'])
    for (let turn = 0; turn < 20; turn++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      // Between one of its steps and the next.
      for (let step = 0; step < turn; step++) await new Promise(setImmediate);
      socket.destroy();
    }
  const open = await waitFor(
    async () => {
      const both = await Promise.all([
        follow(`${kiln.url}/v1/events`),
        follow(`${kiln.url}/v1/events`),
      ]);
      if (both.every(({ status }) => status === 200)) return both;
      for (const follower of both) follower.cut();
      return false;
    },
    { what: 'both places to be free' },
  );
  expect((await kiln.request('/v1/events')).status).toBe(429);
  for (const follower of open) follower.cut();
});

test(
  'a client that takes nothing is cut off, and finds all of it when it comes back',
  { timeout: 70_000 },
  async () => {
    const kiln = await startKiln({
      engine: postgres,
      workers: false,
      env: { KILN_EVENT_STALL_MS: '5000', KILN_EVENT_STREAMS_PER_CALLER: '1' },
    });
    const { id } = await kiln.submit();
    const first = await firstEvent(kiln);
    const socket = connect(Number(new URL(kiln.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nhost: x\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    // More than the buffers of both ends hold.
    const count = 2_000;
    await kiln.deps.records.pool.query(
      `insert into kiln.events (project_id, type, job_id, data)
     select 'default', 'job.partial_image', $1, jsonb_build_object('id', $1::text, 'n', n, 'filling', repeat('x', 10000)) from generate_series(1, $2) n`,
      [id, count],
    );
    // It has the only place there is, until it is cut off.
    expect((await kiln.request('/v1/events')).status).toBe(429);
    const back = await waitFor(
      async () => {
        const follower = await follow(`${kiln.url}/v1/jobs/${id}/events`, first.id);
        return follower.status === 200 && follower;
      },
      { what: 'the client to be cut off' },
    );
    socket.destroy();

    await waitFor(() => back.events.length === count, { what: 'all that it missed' });
    expect(back.events.map(({ data }) => data['n'])).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
    back.cut();
  },
);

test('EventSource and curl follow as they are', async () => {
  const kiln = await startKiln({ engine: postgres });
  const { id } = await kiln.submit();
  await kiln.ended(id);
  const run = promisify(execFile);
  const script = `
    const source = new EventSource('${kiln.url}/v1/jobs/${id}/events');
    for (const type of ['job.created', 'job.started', 'job.succeeded'])
      source.addEventListener(type, ({ lastEventId, data }) => console.log(type, lastEventId === JSON.parse(data).id));
    const beat = setInterval(() => {
      if (source.readyState !== EventSource.CLOSED) return;
      console.log('closed');
      clearInterval(beat);
    }, 20);`;
  const { stdout } = await run(
    process.execPath,
    ['--no-warnings', '--experimental-eventsource', '-e', script],
    { timeout: 20_000 },
  );
  // It comes back once, and is told that there is no more.
  expect(stdout.trim().split('\n')).toEqual([
    'job.created true',
    'job.started true',
    'job.succeeded true',
    'closed',
  ]);

  const curl = await run('curl', ['-sN', `${kiln.url}/v1/jobs/${id}/events`]);
  expect(curl.stdout.match(/^event: .*$/gm)).toEqual([
    'event: job.created',
    'event: job.started',
    'event: job.succeeded',
  ]);
});

test('streams of a process that stops end, and go on at another', async () => {
  const stopping = await startKiln({ engine: postgres, workers: false });
  const { id } = await stopping.submit();
  const follower = await follow(`${stopping.url}/v1/jobs/${id}/events`);
  await waitFor(() => follower.events.length === 1, { what: 'the first event' });
  await stopping.close();
  expect(await follower.ended).toBe('ended');
});

test('an ended job whose events fill the last page is told once; then there is nothing to come back for', async () => {
  const kiln = await startKiln({ engine: postgres, workers: false });
  const { id } = await kiln.submit();
  await kiln.deps.records.pool.query(
    `insert into kiln.events (project_id, type, job_id, data)
     select 'default', 'job.partial_image', $1, jsonb_build_object('id', $1::text) from generate_series(1, 498)`,
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

test('a failed job that is asked for again is followed on', async () => {
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
