/** `KILN_CORS_ORIGINS`: what a browser learns, so that a page may call the API and read answers. */
import { describe, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { engineNamed } from '../support.ts';

const page = 'https://studio.example.com';
const start = (origins: string) =>
  startKiln({
    engine: engineNamed('postgres'),
    workers: false,
    env: { KILN_API_KEYS: 'the-only-key-there-is', KILN_CORS_ORIGINS: origins },
  });
const corsOf = ({ headers }: Response) =>
  Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
  );
const preflight = (kiln: TestKiln, origin: string, path = '/v1/images/generations') =>
  kiln.request(path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-stainless-os',
    },
  });

const kiln = await start(`${page}, http://localhost:5173`);

describe('with listed origins', () => {
  test('a preflight needs no key and allows what the page asks for', async () => {
    for (const origin of [page, 'http://localhost:5173']) {
      const response = await preflight(kiln, origin);
      expect(response.status).toBe(204);
      expect(corsOf(response)).toEqual({
        vary: 'Origin',
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'authorization,content-type,x-stainless-os',
        'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
        'access-control-max-age': '7200',
      });
    }
  });

  test.each([
    ['an answer', '/v1/jobs', 'the-only-key-there-is', 200],
    ['a refused key', '/v1/jobs', 'wrong', 401],
    ['an unknown route', '/v1/nothing', 'the-only-key-there-is', 404],
  ])('the page may read %s and its headers', async (_what, path, key, status) => {
    const response = await kiln.request(path, {
      headers: { origin: page, authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(status);
    expect(corsOf(response)).toMatchObject({ 'access-control-allow-origin': page });
    expect(response.headers.get('access-control-expose-headers')).toMatch(
      /x-request-id.*location.*retry-after-ms.*content-disposition/,
    );
  });

  test('the page may read an event stream', async () => {
    const response = await kiln.request('/v1/events', {
      headers: { origin: page, authorization: 'Bearer the-only-key-there-is' },
    });
    expect(corsOf(response)).toMatchObject({ 'access-control-allow-origin': page });
    await response.body?.cancel();
  });

  test.each(['https://evil.example', 'null', `${page}.evil.example`])(
    'a page of %s may read nothing',
    async (origin) => {
      for (const response of [
        await preflight(kiln, origin),
        await kiln.request('/v1/jobs', {
          headers: { origin, authorization: 'Bearer the-only-key-there-is' },
        }),
      ])
        expect(corsOf(response)).toEqual({ vary: 'Origin' });
    },
  );
});

test('with * every page may call, without credentials', async () => {
  const response = await preflight(await start('*'), 'https://anything.example');
  expect(response.status).toBe(204);
  expect(corsOf(response)).toMatchObject({ 'access-control-allow-origin': '*' });
  expect(response.headers.has('access-control-allow-credentials')).toBe(false);
});

test('without the variable no answer allows another page anything', async () => {
  const response = await preflight(await start(''), page);
  expect(response.status).not.toBe(204);
  expect(corsOf(response)).toEqual({});
});
