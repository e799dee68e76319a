/**
 * A client that follows a batch receives each of its events once and in order, although its
 * connection is cut every second and processes are killed.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { follow, type Follower } from '../support/network/event-stream.ts';
import { startProxy } from '../support/network/proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { promptMarker, type FaultEnvironment } from './rig/environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

const rows = 300;
const lines = Array.from(
  { length: rows },
  (_, index) => `id-${index},${promptMarker} boat ${index}\n`,
);
const file = `custom_id,prompt\n${lines.join('')}`;
const cutEveryMs = 1_000;

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('a client gets each event once, through cuts and kills', async () => {
    const port = await freePort();
    const environment = await openEnvironment({
      engine,
      rpm: 2_400,
      minuteMs: 60_000,
      env: { PORT: String(port), KILN_MAX_ATTEMPTS: '20', KILN_UNKNOWN_OUTCOME: 'retry' },
    });
    const proxy = await startProxy(`http://127.0.0.1:${port}`);
    onTestFinished(() => proxy.close());
    // Cut in the middle of a stream. Every second cut also loses the chunk that is being sent.
    let cuts = 0;
    let cutAtMs = performance.now();
    proxy.watch(async ({ direction }) => {
      if (direction === 'up' || performance.now() - cutAtMs < cutEveryMs) return 'pass';
      cutAtMs = performance.now();
      cuts += 1;
      if (cuts % 2 === 0) return 'cut';
      setImmediate(() => proxy.cut('reset'));
      return 'pass';
    });

    const sent = await environment.request('/v1/batches', {
      method: 'POST',
      body: file,
      headers: { 'content-type': 'text/csv' },
    });
    const { id } = (await sent.json()) as { id: string };
    const following = followToTheEnd(new URL(`/v1/batches/${id}/events`, proxy.url).href);
    await environment.startWorker('machine-1');

    for (const [done, target] of [
      [40, 'worker'],
      [90, 'api'],
      [140, 'database'],
      [190, 'worker'],
      [240, 'api'],
    ] as const) {
      await environment.waitForCount('succeeded', done);
      await injectFault(environment, target);
    }
    const { seen, streams } = await following;

    const written = await environment.query<{ id: string; type: string; job_id: string | null }>(
      'select id, type, job_id from kiln.events where batch_id = $1 order by position',
      [id],
    );
    expect(seen.map((event) => `${event.id} ${event.type}`)).toEqual(
      written.map((event) => `${event.id} ${event.type}`),
    );
    expect(cuts).toBeGreaterThan(5);
    // A cut may also hit an answer before its stream has begun.
    expect(streams).toBeGreaterThan(5);
    expect(written.at(-1)?.type).toBe('batch.completed');
    const byJob = Map.groupBy(
      written.filter(({ job_id: job }) => job !== null),
      ({ job_id: job }) => job,
    );
    expect(byJob.size).toBe(rows);
    for (const events of byJob.values()) {
      const types = events.map(({ type }) => type);
      expect(types[0]).toBe('job.started');
      expect(types.filter((type) => type === 'job.succeeded')).toEqual(types.slice(-1));
    }
  });
});

async function injectFault(
  environment: FaultEnvironment,
  what: 'worker' | 'api' | 'database',
): Promise<void> {
  switch (what) {
    case 'worker': {
      const worker = environment.workers.at(-1);
      if (worker !== undefined) await environment.kill(worker);
      await environment.startWorker('machine-1');
      return;
    }
    case 'api':
      return environment.restartApi();
    case 'database':
      environment.links.database.cut('reset');
  }
}

/**
 * Reconnects like an `EventSource`, but without a delay: resumes after the last event until the API
 * answers 204.
 */
async function followToTheEnd(url: string): Promise<{ seen: Follower['events']; streams: number }> {
  const seen: Follower['events'] = [];
  let streams = 0;
  const reconnect = async (): Promise<boolean> => {
    const follower = await follow(url, seen.at(-1)?.id);
    if (follower.status === 204) return true;
    if (follower.status !== 200) return false; // the API or its database is away
    streams += 1;
    await follower.ended;
    seen.push(...follower.events);
    return false;
  };
  await waitFor(reconnect, { what: 'the end of the batch' });
  return { seen, streams };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
