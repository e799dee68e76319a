/** Requests refused before their fields are read: bodies, content types, sizes, URLs. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { countEffects, engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });
const json = 'application/json';

afterEach(async () => {
  expect(await countEffects(kiln)).toEqual({ jobs: 0, events: 0, keys: 0, calls: 0 });
});

function post(
  body: string | Uint8Array<ArrayBuffer> | null,
  contentType: string | null = json,
): Promise<Response> {
  return kiln.request('/v1/jobs', {
    method: 'POST',
    body: typeof body === 'string' ? Buffer.from(body) : body,
    headers: contentType === null ? {} : { 'content-type': contentType },
  });
}

/** Writes bytes to the port and reads until the server ends the connection. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(kiln.url).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

describe('invalid bodies', () => {
  test.each<[string, Parameters<typeof post>, object, RegExp]>([
    [
      'broken JSON',
      ['{"prompt": "A boat",'],
      { code: 'invalid_json', param: null },
      /^the body is not JSON: .*(position|end)/,
    ],
    ['text', ['prompt=A boat'], { code: 'invalid_json', param: null }, /^the body is not JSON/],
    [
      'JSON that is not UTF-8',
      [Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d)],
      { code: 'invalid_json', param: null },
      /^the body is not UTF-8/,
    ],
    [
      'an array',
      ['[{"prompt": "A boat"}]'],
      { code: 'invalid_request', param: null },
      /^the body: received \[.*; it takes an object$/,
    ],
    [
      'a string',
      ['"A boat"'],
      { code: 'invalid_request', param: null },
      /^the body: received "A boat"; it takes an object$/,
    ],
    [
      'an empty body',
      [''],
      { code: 'invalid_request', param: null },
      /^the body: is missing; it takes an object$/,
    ],
    [
      'no body and no content type',
      [null, null],
      { code: 'invalid_request', param: null },
      /^the body: is missing; it takes an object$/,
    ],
    [
      'an empty object',
      ['{}'],
      { code: 'invalid_request', param: 'prompt' },
      /^prompt: is missing; it takes a string$/,
    ],
  ])('%s', async (_what, args, expected, message) => {
    const response = await post(...args);
    const error = await readError(response);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', ...expected });
    expect(error.message).toMatch(message);
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  test.each([
    ['text/plain', 'text/plain'],
    ['form fields', 'application/x-www-form-urlencoded'],
    ['no content type', null],
    ['an invalid content type', 'nonsense'],
  ])('a content type that is not JSON is refused: %s', async (_what, contentType) => {
    const error = await readError(await post('{"prompt": "A boat"}', contentType));
    expect(error).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
      param: 'content-type',
    });
    expect(error.message).toMatch(
      /^content-type: received ".*"; this route accepts application\/json$/,
    );
  });

  test('the content type may name a charset', async () => {
    const error = await readError(await post('{}', 'application/json; charset=utf-8'));
    expect(error.param).toBe('prompt');
  });
});

describe('bodies above the limits', () => {
  /** Does not use fetch, which sends the whole body before it reads a response. */
  function postLarge(
    path: string,
    bytes: number,
    headers: Record<string, string | number>,
  ): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${kiln.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': json, ...headers },
      });
      request.once('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
      });
      request.once('error', reject);
      request.end(`{"prompt": "${'x'.repeat(bytes)}"}`);
    });
  }

  describe.each([
    ['a body of 2 MB', '/v1/pools/default/pause', 2_000_000, '1,048,576'],
    ['a job of 22 MB', '/v1/jobs', 22_000_000, '20,971,520'],
  ] as const)('%s', (_body, path, bytes, allowed) => {
    test.each([
      ['that states its length', {}],
      ['that comes in chunks', { 'transfer-encoding': 'chunked' }],
    ])('%s is refused', async (_what, headers) => {
      const { status, body } = await postLarge(path, bytes, headers);
      expect(status).toBe(413);
      expect(JSON.parse(body)).toEqual({
        error: {
          message: `the body is too large: at most ${allowed} bytes are allowed`,
          type: 'invalid_request_error',
          param: null,
          code: 'body_too_large',
        },
      });
    });
  });

  test.each([
    ['that states its length', {}],
    ['that comes in chunks', { 'transfer-encoding': 'chunked' }],
  ])(
    'large bodies beyond the total are refused, %s, until others are released',
    async (_what, headers) => {
      const head =
        `POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${json}` +
        '\r\ncontent-length: 20971520';
      const others = Array.from({ length: 3 }, () =>
        connect(Number(new URL(kiln.url).port), '127.0.0.1'),
      );
      for (const socket of others) {
        socket.write(`${head}\r\nexpect: 100-continue\r\n\r\n`);
        await once(socket, 'data'); // the server now waits for its body
      }
      const send = async () => {
        const { status, body } = await postLarge('/v1/jobs', 10_000_000, headers);
        return {
          status,
          ...(JSON.parse(body) as { error: { code: string; message: string } }).error,
        };
      };
      const refusal = await send();
      expect(refusal.status).toBe(503);
      expect(refusal.code).toBe('large_bodies_busy');
      expect(refusal.message).toMatch(/use the 67,108,864 bytes this process buffers/);
      // A body of ordinary size is not counted.
      expect(await readError(await post('{}'))).toMatchObject({ status: 400, param: 'prompt' });
      for (const socket of others) socket.destroy();
      await waitFor(async () => (await send()).status === 413, { what: 'free bytes for it' });
    },
  );

  test('a job of 22 MB sent by fetch is refused', async () => {
    expect(await readError(await post('x'.repeat(22_000_000)))).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
  });

  test('headers of 20 KB are refused', async () => {
    const response = await kiln.request('/v1/jobs', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await readError(response);
    expect(error).toMatchObject({
      status: 431,
      type: 'invalid_request_error',
      code: 'headers_too_large',
    });
    expect(error.message).toMatch(/at most 16,384 bytes/);
  });

  test('bytes that are not HTTP are refused', async () => {
    const answer = await exchange('HELLO\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { type: 'invalid_request_error', code: 'invalid_request' },
    });
  });
});

describe('URLs', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/v1/nothing'],
    ['GET', '/v1/jobs/job_1/nothing'],
    ['PUT', '/v1/jobs'],
    ['PUT', '/v1/jobs/job_1'],
  ])('%s %s is a 404', async (method, path) => {
    const response = await kiln.request(`${path}?secret=1`, { method });
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await readError(response)).toEqual({
      status: 404,
      type: 'invalid_request_error',
      code: 'route_not_found',
      param: null,
      message: `there is no ${method} ${path}`,
    });
  });

  test.each([
    ['a path that cannot be decoded', '/v1/jobs/%zz', 400, 'invalid_request'],
    ['an id that is much too long', `/v1/jobs/${'x'.repeat(500)}`, 400, 'invalid_request'],
  ])('%s is refused', async (_what, path, status, code) => {
    const response = await kiln.request(path);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await readError(response)).toMatchObject({
      status,
      code,
      type: 'invalid_request_error',
    });
  });

  test.each(['', '/attempts', '/images/0'])(
    'a job that does not exist is a 404: /v1/jobs/{id}%s',
    async (rest) => {
      const error = await readError(await kiln.request(`/v1/jobs/job_nowhere${rest}`));
      expect(error.status).toBe(404);
      expect(error.code).toBe(rest === '/images/0' ? 'image_not_found' : 'job_not_found');
      expect(error.message).toMatch(/job_nowhere/);
    },
  );

  test('a slash at the end makes no difference', async () => {
    expect((await kiln.request('/v1/jobs/')).status).toBe(200);
  });
});
