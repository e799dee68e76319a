/** Clients of event streams: they disconnect, stall, or are `EventSource` and curl as they are. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { follow } from '../../../support/network/event-stream.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed } from '../support.ts';
import { firstEvent } from './read-events.ts';

const postgres = engineNamed('postgres');

test('a client that disconnects at any step before the first write frees its slot', async () => {
  const kiln = await startKiln({
    engine: postgres,
    workers: false,
    env: { KILN_EVENT_STREAMS_PER_CALLER: '2' },
  });
  const port = Number(new URL(kiln.url).port);
  const { id } = await kiln.submit();
  for (const path of ['/v1/events', `/v1/jobs/${id}/events`, '/v1/events?after=evt_x'])
    for (let steps = 0; steps < 20; steps++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      // Disconnect after a varying number of event loop turns.
      for (let step = 0; step < steps; step++) await new Promise(setImmediate);
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
    { what: 'both slots to be free' },
  );
  expect((await kiln.request('/v1/events')).status).toBe(429);
  for (const follower of open) follower.cut();
});

test('a client that reads nothing is disconnected, and gets all events later', async () => {
  const kiln = await startKiln({
    engine: postgres,
    workers: false,
    env: { KILN_EVENT_STALL_MS: '5000', KILN_EVENT_STREAMS_PER_CALLER: '1' },
  });
  const { id } = await kiln.submit();
  const first = await firstEvent(kiln);
  const socket = connect(Number(new URL(kiln.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  // Write more than the buffers of both ends hold.
  const count = 2_000;
  await kiln.deps.records.pool.query(
    `insert into kiln.events (project_id, type, job_id, data)
       select 'default', 'job.partial_image', $1,
         jsonb_build_object('id', $1::text, 'n', n, 'filling', repeat('x', 10000))
       from generate_series(1, $2) n`,
    [id, count],
  );
  // It occupies the only slot until it is disconnected.
  expect((await kiln.request('/v1/events')).status).toBe(429);
  const back = await waitFor(
    async () => {
      const follower = await follow(`${kiln.url}/v1/jobs/${id}/events`, first.id);
      return follower.status === 200 && follower;
    },
    { what: 'the client to be disconnected' },
  );
  socket.destroy();

  await waitFor(() => back.events.length === count, { what: 'every missed event' });
  expect(back.events.map(({ data }) => data['n'])).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
  back.cut();
});

test('EventSource resumes at its cursor even when it received no event', async () => {
  const kiln = await startKiln({ engine: postgres, workers: false });
  await kiln.submit();
  await firstEvent(kiln);
  const resumed: (string | undefined)[] = [];
  // A proxy that ends every stream after its first cursor.
  const front = createServer(async (request, response) => {
    resumed.push(request.headers['last-event-id'] as string | undefined);
    if (resumed.length > 2) return; // the assertions below have all they need
    const stream = await fetch(`${kiln.url}${request.url}`);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for await (const text of stream.body!.pipeThrough(new TextDecoderStream())) {
      response.write(text.replace(/^retry: .*$/m, 'retry: 1'));
      if (text.includes('cursor_')) break;
    }
    response.end();
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo;
  const script = `setInterval(() => {}, 1000);
    new EventSource('http://127.0.0.1:${port}/v1/events')`;
  const options = ['--no-warnings', '--experimental-eventsource', '-e', script];
  const source = spawn(process.execPath, options);
  onTestFinished(() => {
    source.kill();
    front.closeAllConnections();
    front.close();
  });
  await waitFor(() => resumed.length === 3, { what: 'the client to come back twice' });
  expect(resumed).toEqual([undefined, 'cursor_1', 'cursor_1']);
});

test('EventSource and curl follow a job without further options', async () => {
  const kiln = await startKiln({ engine: postgres });
  const { id } = await kiln.submit();
  await kiln.ended(id);
  const run = promisify(execFile);
  const script = `
    const source = new EventSource('${kiln.url}/v1/jobs/${id}/events');
    for (const type of ['job.created', 'job.started', 'job.succeeded'])
      source.addEventListener(type, ({ lastEventId, data }) =>
        console.log(type, lastEventId === JSON.parse(data).id));
    const beat = setInterval(() => {
      if (source.readyState !== EventSource.CLOSED) return;
      console.log('closed');
      clearInterval(beat);
    }, 20);`;
  const { stdout } = await run(process.execPath, [
    '--no-warnings',
    '--experimental-eventsource',
    '-e',
    script,
  ]);
  // EventSource reconnects once and gets a 204, which closes it.
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
