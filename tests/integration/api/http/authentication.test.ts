/** `KILN_API_KEYS`: which requests are accepted, and which routes need no key. */
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { countEffects, engineNamed, readError, readJob } from '../support.ts';

const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_API_KEYS: ' the-first-of-the-keys , the-second-of-the-keys,, ' },
  workers: false,
});

function post(headers: Record<string, string>): Promise<Response> {
  return kiln.request('/v1/jobs', {
    method: 'POST',
    body: JSON.stringify({ prompt: 'A boat' }),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('a request with a key is accepted', () => {
  test.each<[string, Record<string, string>]>([
    ['as a bearer token', { authorization: 'Bearer the-first-of-the-keys' }],
    ['with the scheme in lower case', { authorization: 'bearer the-first-of-the-keys' }],
    ['with the second key', { authorization: 'Bearer the-second-of-the-keys' }],
    ['as Azure clients send it', { 'api-key': 'the-second-of-the-keys' }],
  ])('%s', async (_what, headers) => {
    const response = await post(headers);
    expect(response.status).toBe(202);
    const { id } = await readJob(response);
    expect((await kiln.request(`/v1/jobs/${id}`, { headers })).status).toBe(200);
  });
});

describe('a request without a valid key is refused', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no key', {}, 'missing_api_key'],
    ['an empty bearer', { authorization: 'Bearer ' }, 'missing_api_key'],
    ['another scheme', { authorization: 'Basic dGhlLWZpcnN0LW9mLXRoZS1rZXlz' }, 'missing_api_key'],
    ['another key', { authorization: 'Bearer the-third-of-the-keys' }, 'invalid_api_key'],
    ['the beginning of a key', { authorization: 'Bearer the-first-of-the-key' }, 'invalid_api_key'],
    ['a key in upper case', { authorization: 'Bearer THE-FIRST-OF-THE-KEYS' }, 'invalid_api_key'],
    [
      'the whole list of keys',
      { 'api-key': 'the-first-of-the-keys , the-second-of-the-keys' },
      'invalid_api_key',
    ],
    ['an empty api-key', { 'api-key': '' }, 'invalid_api_key'],
  ])('%s', async (_what, headers, code) => {
    const before = await countEffects(kiln);
    const response = await post(headers);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await readError(response);
    expect(error).toMatchObject({
      status: 401,
      type: 'authentication_error',
      code,
      param: 'Authorization',
    });
    expect(error.message).not.toMatch(
      /the-first-of-the-keys|the-second-of-the-keys|the-third-of-the-keys/,
    );
    expect(await countEffects(kiln)).toEqual(before);
  });

  test.each([
    '/v1/jobs',
    '/v1/jobs/job_1',
    '/v1/jobs/job_1/images/0',
    '/v1/jobs/livez',
    '/v1/jobs/docs/x',
    '/v1/pools',
    '/v1/models',
    '/v1/nothing',
    '/',
  ])('%s reveals nothing', async (path) => {
    expect((await kiln.request(path)).status).toBe(401);
  });

  test.each([
    '/docs/../v1/jobs',
    '/docs/%2e%2e/v1/jobs',
    '//v1/jobs',
    '/livez/../v1/jobs',
    '/V1/jobs?/livez',
    '/v1/jobs?x=/docs/',
  ])('cannot be bypassed: %s', async (path) => {
    // Write the path unchanged: fetch would normalise it.
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request(
        {
          host: '127.0.0.1',
          port: new URL(kiln.url).port,
          path,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .once('error', reject)
        .end();
    });
    expect([401, 404]).toContain(status);
  });
});

test.each(['/livez', '/readyz', '/openapi.json', '/docs/'])('%s is open', async (path) => {
  expect((await kiln.request(path)).status).toBe(200);
});
