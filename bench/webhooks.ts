/**
 * Question: how many webhooks a second does one worker deliver to a receiver that answers at once,
 * while another receiver accepts connections and never answers? Both receivers get the same events.
 * Target: 200 a second beside the dead receiver, and at least 0.8 of the rate without it.
 * `--events` sets the number of events in each run.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { waitFor } from '../tests/support/wait-for.ts';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { startApi, startWorker } from './support/kiln-processes.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '2000' } } });
const count = Number(values.events);
/** No call uses a pool of this name, so only this benchmark writes its events. */
const writeEvents = `insert into kiln.events (project_id, type, data)
  select 'default', 'pool.resumed', '{"id": "bench"}' from generate_series(1, $1::int)`;

interface Sink {
  url: string;
  heardAtMs: number[];
}

const database = await openBenchDatabase();
const env = {
  ...envOn(database),
  KILN_WEBHOOK_ALLOW: '127.0.0.0/8',
  LOG_LEVEL: 'warn',
};
const pool = new pg.Pool({ connectionString: database.url, max: 2 });
const [fast, dead] = [await openSink(true), await openSink(false)];
const api = await startApi(env);
const worker = await startWorker(env);
try {
  await createEndpoint(fast.url);
  await measure(100); // afterwards the receiver counts as prompt
  const alone = await measure(count);
  await createEndpoint(dead.url);
  const beside = await measure(count);
  console.log(`${count} deliveries to a receiver that answers at once, one worker`);
  console.table({ alone, 'beside a dead receiver': beside });
  console.log(
    `beside a dead receiver ${beside['a second']} a second (target 200), ` +
      `ratio ${(beside['a second'] / alone['a second']).toFixed(2)} (target 0.8); ` +
      `the dead receiver got ${dead.heardAtMs.length} requests`,
  );
} finally {
  await worker.stop();
  await api.stop();
  await pool.end();
  await database.close();
}
process.exit();

async function measure(events: number) {
  fast.heardAtMs.length = 0;
  const began = performance.now();
  await pool.query(writeEvents, [events]);
  await waitFor(() => fast.heardAtMs.length >= events, {
    timeoutMs: 60_000,
    what: 'every event to arrive',
  });
  const elapsedMs = (fast.heardAtMs.at(-1) ?? 0) - began;
  return {
    'a second': Math.round(events / (elapsedMs / 1_000)),
    'last one after, ms': Math.round(elapsedMs),
  };
}

async function createEndpoint(url: string): Promise<void> {
  const response = await fetch(`${api.url}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, events: ['pool.resumed'] }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function openSink(answers: boolean): Promise<Sink> {
  const heardAtMs: number[] = [];
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      heardAtMs.push(performance.now());
      if (answers) response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heardAtMs };
}
