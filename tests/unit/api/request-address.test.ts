/** The address at which a caller has reached the API, from settings and headers. */
import { parseConfig } from '@kiln/shared/config';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { withoutPrefix } from '../../../apps/api/src/requests/public-prefix.ts';
import {
  addRequestAddress,
  locate,
  toTrustFunction,
} from '../../../apps/api/src/requests/request-address.ts';
import { base } from '../config/environments.ts';

/** Answers with the address of the request that has these headers and comes from `from`. */
async function addressOf(
  env: Record<string, string>,
  headers: Record<string, string>,
  from = '127.0.0.1',
): Promise<{ baseUrl: string; location: string; ip: string }> {
  const config = parseConfig({ ...base, ...env });
  const app = fastify({ trustProxy: toTrustFunction(config.trustedProxies) });
  addRequestAddress(app, config);
  app.get('/', (request) => ({
    baseUrl: request.address.baseUrl,
    location: locate(request, '/v1/jobs/job_1'),
    ip: request.ip,
  }));
  const response = await app.inject({ url: '/', headers, remoteAddress: from });
  return response.json();
}

const forwarded = {
  host: '127.0.0.1:8080',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'kiln.example.com',
  'x-forwarded-prefix': '/images',
  'x-forwarded-for': '203.0.113.9',
};

test('without settings, Host says it and Location is a path', async () => {
  expect(await addressOf({}, forwarded)).toEqual({
    baseUrl: 'http://127.0.0.1:8080',
    location: '/v1/jobs/job_1',
    ip: '127.0.0.1',
  });
});

test('KILN_PUBLIC_URL precedes every header', async () => {
  const env = { KILN_PUBLIC_URL: 'https://pictures.example.com/kiln/', KILN_TRUST_PROXY: '1' };
  expect(await addressOf(env, forwarded)).toEqual({
    baseUrl: 'https://pictures.example.com/kiln',
    location: 'https://pictures.example.com/kiln/v1/jobs/job_1',
    ip: '203.0.113.9',
  });
});

describe('KILN_TRUST_PROXY', () => {
  test.each(['1', '127.0.0.1', '127.0.0.0/8'])(
    '%s: the headers of the proxy count',
    async (trust) => {
      expect(await addressOf({ KILN_TRUST_PROXY: trust }, forwarded)).toEqual({
        baseUrl: 'https://kiln.example.com/images',
        location: 'https://kiln.example.com/images/v1/jobs/job_1',
        ip: '203.0.113.9',
      });
    },
  );

  test('the headers of others do not count', async () => {
    expect(await addressOf({ KILN_TRUST_PROXY: '127.0.0.1' }, forwarded, '10.0.0.7')).toEqual({
      baseUrl: 'http://127.0.0.1:8080',
      location: '/v1/jobs/job_1',
      ip: '10.0.0.7',
    });
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['one header alone', '1', { 'x-forwarded-proto': 'https' }, 'https://own:1'],
    ['a prefix with a final slash', '1', { 'x-forwarded-prefix': '/a/b/' }, 'http://own:1/a/b'],
    ['another protocol', '1', { 'x-forwarded-proto': 'ftp' }, 'http://own:1'],
    ['a host that is none', '1', { 'x-forwarded-host': 'a/b@c' }, 'http://own:1'],
    ['a prefix to another host', '1', { 'x-forwarded-prefix': '//evil.example' }, 'http://own:1'],
    ['a prefix that leads upwards', '1', { 'x-forwarded-prefix': '/a/../b' }, 'http://own:1'],
    [
      'what the caller sent first',
      '1',
      { 'x-forwarded-host': 'evil.example, own:2' },
      'http://own:2',
    ],
    [
      'two proxies that append',
      '2',
      { 'x-forwarded-host': 'evil.example, own:2, own:3', 'x-forwarded-for': '1.1.1.1, 2.2.2.2' },
      'http://own:2',
    ],
  ])('%s', async (_what, trust, headers, baseUrl) => {
    const address = await addressOf({ KILN_TRUST_PROXY: trust }, { host: 'own:1', ...headers });
    expect(address.baseUrl).toBe(baseUrl);
  });
});

test.each([
  ['/images/v1/jobs?limit=1', '/v1/jobs?limit=1'],
  ['/images', '/'],
  ['/images?x', '/?x'],
  ['/v1/jobs', '/v1/jobs'],
  ['/imagesandmore', '/imagesandmore'],
])('below a prefix %s is %s', (url, path) => {
  expect(withoutPrefix(url, 'https://kiln.example.com/images')).toBe(path);
});

test.each(['https://kiln.example.com', 'https://kiln.example.com/openai', null])(
  'paths stay as they are for %s',
  (publicUrl) => {
    const url = '/openai/deployments/pictures/images/generations';
    expect(withoutPrefix(url, publicUrl)).toBe(url);
  },
);
