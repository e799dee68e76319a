/**
 * One call over real sockets: how much of it had been sent when it failed decides whether it may
 * have been billed.
 */
import { once } from 'node:events';
import { mkdtempSync, openAsBlob, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createProvider } from '@kiln/shared/provider/provider';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { freePort, temporaryFolder } from '../../support/engines/server-process.ts';
import type { CallOutcome } from '@kiln/shared/provider/call-outcome';
import { callOf, openaiDeployment } from './support.ts';

interface Called {
  outcome: CallOutcome;
  /** How often the request was reported as written. */
  written: number;
}

async function call(
  baseUrl: string,
  options: { signal?: AbortSignal; prompt?: string; timeoutMs?: number; picture?: Blob } = {},
): Promise<Called> {
  const provider = createProvider({
    callTimeoutMs: options.timeoutMs ?? 10_000,
    streamIdleMs: 10_000,
  });
  let written = 0;
  const outcome = await provider.call(
    { ...openaiDeployment, baseUrl },
    callOf({
      request: { prompt: options.prompt ?? 'A boat' },
      sources:
        options.picture === undefined
          ? null
          : {
              images: [{ bytes: options.picture, contentType: 'image/png' }],
              mask: null,
              markup: null,
            },
      ...(options.signal !== undefined && { signal: options.signal }),
      onWritten: () => (written += 1),
    }),
  );
  await provider.close();
  return { outcome, written };
}

/** A server that handles and counts requests. */
async function serve(
  handle: (...args: Parameters<Parameters<typeof createServer>[1] & object>) => void,
) {
  const state = { requests: 0 };
  const server: Server = createServer((request, response) => {
    state.requests += 1;
    handle(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

test('a refused connection: certainly not executed', async () => {
  const { outcome, written } = await call(`http://127.0.0.1:${await freePort()}/v1`);
  expect(outcome).toMatchObject({
    status: 'fault',
    fault: { class: 'refused', code: 'connection_failed', owner: 'call' },
    httpStatus: null,
  });
  expect(written).toBe(0);
});

test('an unknown host name: certainly not executed', async () => {
  const { outcome } = await call('http://nowhere.invalid/v1');
  expect(outcome).toMatchObject({ fault: { class: 'refused', code: 'connection_failed' } });
});

test('a handshake that fails: certainly not executed', async () => {
  const { url, state } = await serve((_request, response) => response.end());
  const { outcome, written } = await call(url.replace('http:', 'https:'));
  expect(outcome).toMatchObject({ fault: { class: 'refused', code: 'connection_failed' } });
  expect({ written, requests: state.requests }).toEqual({ written: 0, requests: 0 });
});

test('cut after the request was read: may have been billed, and is not repeated', async () => {
  const { url, state } = await serve((request) =>
    request.resume().on('end', () => request.socket.resetAndDestroy()),
  );
  const { outcome, written } = await call(url, { prompt: 'x'.repeat(30_000) });
  expect(outcome).toMatchObject({ fault: { class: 'unknown', code: 'connection_lost' } });
  expect({ written, requests: state.requests }).toEqual({ written: 1, requests: 1 });
});

test('no answer in time: may have been billed', async () => {
  const { url, state } = await serve((request) => request.resume());
  const { outcome } = await call(url, { timeoutMs: 1_000 });
  expect(outcome).toMatchObject({
    fault: { class: 'unknown', code: 'provider_timeout', message: 'No answer within 1000 ms' },
  });
  expect(state.requests).toBe(1);
});

test.each([
  ['at once', 0],
  ['in parts', 8_000_000],
])('frozen until its time is over: an answer that came %s is read', async (_, padding) => {
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const body = JSON.stringify({
    data: [{ b64_json: picture.toString('base64') }],
    padding: ' '.repeat(padding),
  });
  const timeoutMs = 2_000;
  const { url } = await serve((request, response) => {
    request.resume().on('end', () => {
      response.end(body);
      // The answer is on its way; this process does nothing until long after the limit.
      setImmediate(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs + 200);
      });
    });
  });
  const { outcome } = await call(url, { timeoutMs });
  expect(outcome).toMatchObject({ status: 'images', images: [{ width: 64 }] });
});

test('aborted before it began: nothing was sent', async () => {
  const { url, state } = await serve((request) => request.resume());
  const { outcome, written } = await call(url, { signal: AbortSignal.abort() });
  expect(outcome).toMatchObject({ fault: { class: 'refused', code: 'connection_failed' } });
  expect({ written, requests: state.requests }).toEqual({ written: 0, requests: 0 });
});

test('aborted while it is answered: may have been billed', async () => {
  const stop = new AbortController();
  const { url } = await serve((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":[');
      stop.abort();
    });
  });
  const { outcome } = await call(url, { signal: stop.signal });
  expect(outcome).toMatchObject({ fault: { class: 'unknown', code: 'connection_lost' } });
});

test.each([
  [500, 'unknown', 'provider_error'],
  [429, 'refused', 'rate_limited'],
  [400, 'rejected', 'provider_rejected_parameters'],
] as const)(
  'an answer %i is one call and keeps the provider’s request id',
  async (status, kind, code) => {
    const { url, state } = await serve((request, response) => {
      request.resume().on('end', () => {
        response
          .writeHead(status, { 'content-type': 'application/json', 'apim-request-id': 'apim-7' })
          .end('{"error":{"message":"no"}}');
      });
    });
    const { outcome } = await call(url);
    expect(outcome).toMatchObject({
      httpStatus: status,
      providerRequestId: 'apim-7',
      fault: { class: kind, code },
    });
    expect(state.requests).toBe(1);
  },
);

test.each([301, 302, 307, 308])(
  'a redirect (%i) is not followed: one request, and nothing was executed',
  async (status) => {
    const elsewhere = await serve((request) => request.resume());
    const { url, state } = await serve((request, response) => {
      request
        .resume()
        .on('end', () => response.writeHead(status, { location: elsewhere.url }).end());
    });
    const { outcome } = await call(url);
    expect(outcome).toMatchObject({
      httpStatus: status,
      fault: { class: 'refused', code: 'pool_paused_deployment', owner: 'deployment' },
    });
    expect([state.requests, elsewhere.state.requests]).toEqual([1, 0]);
  },
);

test.each([
  [405, 'pool_paused_deployment'],
  [407, 'pool_paused_auth'],
] as const)('a proxy answers %i: nothing was executed', async (status, code) => {
  const { url, state } = await serve((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end());
  });
  expect((await call(url)).outcome).toMatchObject({
    httpStatus: status,
    fault: { class: 'refused', code, owner: 'deployment' },
  });
  expect(state.requests).toBe(1);
});

describe('an edit', () => {
  const megabyte = 1024 * 1024;
  /** Far more than the buffers of two sockets hold. */
  const large = new Blob([new Uint8Array(32 * megabyte)]);

  test('has a length, is not chunked, and counts as written with its last byte', async () => {
    let length = 0;
    const { url } = await serve((request, response) => {
      expect(request.headers['transfer-encoding']).toBeUndefined();
      request.on('data', (chunk: Buffer) => (length += chunk.length));
      request.on('end', () => {
        expect(Number(request.headers['content-length'])).toBe(length);
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end('{"error": {"message": "no"}}');
      });
    });
    const { outcome, written } = await call(url, { picture: large });
    expect(outcome).toMatchObject({ fault: { class: 'rejected', message: 'no' }, httpStatus: 400 });
    expect(written).toBe(1);
    expect(length).toBeGreaterThan(large.size);
  });

  test('cut in the middle of its pictures: certainly not executed', async () => {
    const { url, state } = await serve((request) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > megabyte) request.socket.resetAndDestroy();
      });
    });
    const { outcome, written } = await call(url, { picture: large });
    expect(outcome).toMatchObject({ fault: { class: 'refused', code: 'not_sendable' } });
    expect([written, state.requests]).toEqual([0, 1]);
  });

  test('cut after its last byte: may have been billed', async () => {
    const { url } = await serve((request) => {
      request.resume();
      request.on('end', () => request.socket.resetAndDestroy());
    });
    const { outcome, written } = await call(url, { picture: large });
    expect(outcome).toMatchObject({ fault: { class: 'unknown', code: 'connection_lost' } });
    expect(written).toBe(1);
  });

  test('refused before all of it arrived: the answer counts', async () => {
    const { url, state } = await serve((_request, response) => {
      response
        .writeHead(429, {
          'content-type': 'application/json',
          'retry-after': '7',
          connection: 'close',
        })
        .end('{"error": {"message": "slow down", "code": "429"}}');
    });
    const { outcome } = await call(url, { picture: large });
    expect(outcome).toMatchObject({ fault: { class: 'refused' } });
    expect(state.requests).toBe(1);
  });

  test('whose picture disappears while it is sent: certainly not executed', async () => {
    const folder = mkdtempSync(join(temporaryFolder('edit').path, 'edit-'));
    const path = join(folder, 'picture');
    writeFileSync(path, Buffer.alloc(32 * megabyte));
    const { url } = await serve((request) => {
      request.once('data', () => truncateSync(path, 0));
      request.resume();
    });
    const { outcome, written } = await call(url, { picture: await openAsBlob(path) });
    expect(outcome).toMatchObject({ fault: { class: 'refused' } });
    expect(written).toBe(0);
  });
});
