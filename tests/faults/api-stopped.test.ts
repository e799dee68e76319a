/**
 * The API shuts down: waiting callers are answered, new requests are refused, and other processes
 * finish the accepted jobs.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { atEndOfFile } from '../support/end-of-file.ts';
import { waitFor } from '../support/wait-for.ts';
import { signalUntilItEnds } from './rig/kiln-process.ts';
import { openEnvironment } from './rig/open-environment.ts';
import type { FaultEnvironment } from './rig/environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

/** Opens a connection on which the test writes requests by hand. */
async function openConnection(environment: FaultEnvironment) {
  const url = new URL(String(environment.api.ready['url']));
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  atEndOfFile(async () => {
    socket.destroy();
  });
  const state = { heard: '', isClosed: false };
  socket.setEncoding('utf8').on('data', (text: string) => (state.heard += text));
  socket.on('close', () => (state.isClosed = true));
  return { state, write: (lines: string[]) => socket.write(`${lines.join('\r\n')}\r\n\r\n`) };
}

/** A request whose body does not end. */
const unfinished = [
  'POST /v1/jobs HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  'content-length: 20',
];

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('SIGTERM answers waiting callers and requests under way, and refuses new ones', async () => {
    const environment = await openEnvironment({ engine, rpm: 600, minuteMs: 2_000, gate: true });
    const [id] = await environment.submit(1);
    const [waiter, busy] = [await openConnection(environment), await openConnection(environment)];
    waiter.write([`GET /v1/jobs/${id} HTTP/1.1`, 'host: localhost', 'prefer: wait=60']);
    // Its headers have been read when the API asks for the body.
    busy.write([...unfinished, 'expect: 100-continue']);
    await waitFor(() => busy.state.heard.includes('100 Continue'), {
      what: 'the body to be asked for',
    });
    await waitFor(() => environment.api.output().split('"msg":"incoming request"').length > 3, {
      what: 'the waiter to be heard',
    });

    environment.api.signal('SIGTERM');
    await waitFor(() => waiter.state.isClosed, { what: 'the waiter to be answered and let go' });
    expect(waiter.state.heard).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(waiter.state.heard).toContain('"status":"queued"');
    // A connection that was open gets "not ready" (tests/integration/api/http/status.test.ts); a
    // new one is refused.
    await expect(fetch(`${String(environment.api.ready['url'])}/readyz`)).rejects.toThrow(
      'fetch failed',
    );

    busy.write(['{"prompt":"a boat"}\n']);
    await waitFor(() => busy.state.isClosed, { what: 'the busy connection to be let go' });
    expect(busy.state.heard).toContain('HTTP/1.1 202 Accepted');
    expect(await environment.api.ended).toBe(0);

    await environment.setGate(false);
    await environment.startWorker();
    await environment.waitForCount('succeeded', 2);
  });

  test('a second SIGTERM ends it at once, whatever it still waits for', async () => {
    const environment = await openEnvironment({ engine, rpm: 600, minuteMs: 6_000 });
    const busy = await openConnection(environment);
    busy.write([...unfinished, 'expect: 100-continue']);
    await waitFor(() => busy.state.heard.includes('100 Continue'), {
      what: 'the body to be asked for',
    });
    expect(await signalUntilItEnds(environment.api)).toBe(1);
    expect(environment.api.output()).toContain('asked twice to stop: exiting now');
  });
});
