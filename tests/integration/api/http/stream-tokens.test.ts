/** `POST /v1/stream_tokens`: a browser's `EventSource` opens a stream where keys are configured. */
import { createLogger } from '@kiln/shared/logger';
import { expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed, readError } from '../support.ts';

const key = 'a-key-of-the-page';
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_API_KEYS: key, KILN_EVENT_STREAMS_PER_CALLER: '2' },
  workers: false,
});
const logged: string[] = [];
const log = createLogger({
  name: 'test',
  level: 'trace',
  to: { write: (line) => void logged.push(line) },
});
const api = createApiDeps(kiln.deps, new AbortController().signal);
const app = await buildApp(api, log);
const url = await app.listen({ port: 0, host: '127.0.0.1' });
atEndOfFile(async () => {
  await app.close();
  await api.close();
});

interface StreamToken {
  object: string;
  stream: string;
  token: string;
  url: string;
  expires_at: number;
}

const withKey = { authorization: `Bearer ${key}` };
const mint = (stream: string, headers: Record<string, string> = withKey) =>
  postJson(`${url}/v1/stream_tokens`, { stream }, headers);
const readToken = async (response: Response) => (await response.json()) as StreamToken;

test('a token opens its stream without a key, and no log line has it', async () => {
  const response = await mint('/v1/events');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const made = await readToken(response);
  expect(made).toMatchObject({ object: 'stream_token', stream: '/v1/events' });
  expect(Math.abs(made.expires_at - 60 - Date.now() / 1000)).toBeLessThan(30);
  const stream = await fetch(`${made.url}&types=job.failed`);
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  // It counts as a stream of the key that made it.
  const second = await fetch(`${url}/v1/events`, { headers: withKey });
  const third = await fetch(`${url}/v1/events`, { headers: withKey });
  expect(await readError(third)).toMatchObject({ status: 429, code: 'too_many_streams' });
  await Promise.all([stream.body?.cancel(), second.body?.cancel()]);
  expect(logged.filter((line) => line.includes('/v1/events')).length).toBeGreaterThan(0);
  expect(logged.join('')).not.toContain(made.token);
});

test('a token opens one stream at a time, and the same one again after its end', async () => {
  const { url: address } = await readToken(await mint('/v1/events'));
  const first = await fetch(address);
  expect(first.status).toBe(200);
  expect(await readError(await fetch(address))).toMatchObject({
    status: 401,
    code: 'invalid_stream_token',
    message: expect.stringContaining('still open') as unknown,
  });
  await first.body?.cancel();
  const again = await waitFor(
    async () => {
      const response = await fetch(address);
      if (response.status === 200) return response;
      await response.body?.cancel();
      return false;
    },
    { what: 'the end of the first stream to be noticed' },
  );
  await again.body?.cancel();
});

test('a token opens nothing else', async () => {
  const { token } = await readToken(await mint('/v1/jobs/job_1/events'));
  const open = (path: string, method = 'GET') =>
    fetch(`${url}${path}?stream_token=${token}`, { method });
  for (const path of ['/v1/events', '/v1/jobs/job_2/events', '/v1/batches/job_1/events'])
    expect(await readError(await open(path))).toMatchObject({
      status: 401,
      code: 'invalid_stream_token',
      param: 'stream_token',
    });
  for (const [method, path] of [
    ['GET', '/v1/jobs'],
    ['GET', '/v1/jobs/job_1'],
    ['POST', '/v1/jobs/job_1/cancel'],
    ['POST', '/v1/stream_tokens'],
  ] as const)
    expect(await readError(await open(path, method))).toMatchObject({ code: 'missing_api_key' });
  // The stream that it was made for is looked for.
  expect(await readError(await open('/v1/jobs/job_1/events'))).toMatchObject({
    code: 'job_not_found',
  });
  expect(await readError(await fetch(`${url}/v1/events?stream_token=1.x`))).toMatchObject({
    code: 'invalid_stream_token',
  });
});

test('a token is made only with a key, and only for a stream', async () => {
  expect(await readError(await mint('/v1/events', {}))).toMatchObject({ code: 'missing_api_key' });
  for (const stream of ['/v1/jobs', '/v1/events?types=job.failed', 'https://example.com/v1/events'])
    expect(await readError(await mint(stream))).toMatchObject({ status: 400, param: 'stream' });
});
