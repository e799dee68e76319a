/** Which hosts and origins may use the API, by settings. */
import { parseConfig } from '@kiln/shared/config';
import { KilnError } from '@kiln/shared/errors';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { addCrossSiteRefusal } from '../../../apps/api/src/plugins/refuse-cross-site.ts';
import {
  addRequestAddress,
  toTrustFunction,
} from '../../../apps/api/src/requests/request-address.ts';
import { base } from '../config/environments.ts';

type Settings = Record<string, string>;

/** Sends a request; resolves with the code of the refusal, or `done`. */
async function ask(env: Settings, method: 'GET' | 'POST', headers: Settings): Promise<string> {
  const config = parseConfig({ ...base, ...env });
  const app = fastify({ trustProxy: toTrustFunction(config.trustedProxies) });
  addRequestAddress(app, config);
  addCrossSiteRefusal(app, config);
  app.setErrorHandler((error, _request, reply) =>
    reply.send(error instanceof KilnError ? error.code : String(error)),
  );
  app.route({ method: ['GET', 'POST'], url: '/', handler: () => 'done' });
  const { payload } = await app.inject({ url: '/', method, headers });
  return payload;
}

const keys = { KILN_API_KEYS: 'a-key-of-sixteen-characters' };
const proxy = { KILN_TRUST_PROXY: '1' };

describe('Host', () => {
  test.each<[string, Settings, string]>([
    ['127.0.0.1:8080', {}, 'done'],
    ['localhost', {}, 'done'],
    ['LOCALHOST:1', {}, 'done'],
    ['kiln.localhost:8080', {}, 'done'],
    ['[::1]:8080', {}, 'done'],
    ['evil.example:8080', {}, 'host_not_allowed'],
    ['127.0.0.1.evil.example', {}, 'host_not_allowed'],
    ['localhost.evil.example', {}, 'host_not_allowed'],
    ['evil.example@localhost', {}, 'host_not_allowed'],
    ['0.0.0.0:8080', {}, 'host_not_allowed'],
    ['evil.example', keys, 'done'],
    ['kiln.example.com', { KILN_PUBLIC_URL: 'https://kiln.example.com/images' }, 'done'],
    ['evil.example', { KILN_PUBLIC_URL: 'https://kiln.example.com' }, 'host_not_allowed'],
    ['kiln.internal:9', { KILN_ALLOWED_HOSTS: 'kiln.internal' }, 'done'],
    ['a.kiln.internal', { KILN_ALLOWED_HOSTS: 'kiln.internal' }, 'host_not_allowed'],
    ['a.b.internal', { KILN_ALLOWED_HOSTS: '*.internal' }, 'done'],
    ['evilinternal', { KILN_ALLOWED_HOSTS: '*.internal' }, 'host_not_allowed'],
    ['kiln.internal:9', { KILN_ALLOWED_HOSTS: 'kiln.internal:8' }, 'host_not_allowed'],
  ])('%s with %o: %s', async (host, env, outcome) => {
    expect(await ask(env, 'GET', { host })).toBe(outcome);
    expect(await ask(env, 'POST', { host })).toBe(outcome);
  });

  test('a page that reaches a trusting Kiln directly cannot excuse its host', async () => {
    const excused = { host: 'evil.example:8080', 'x-forwarded-host': 'localhost' };
    expect(await ask(proxy, 'GET', excused)).toBe('host_not_allowed');
    const proxied = { host: '127.0.0.1:8080', 'x-forwarded-host': 'evil.example' };
    expect(await ask(proxy, 'GET', proxied)).toBe('host_not_allowed');
    expect(await ask({ ...proxy, ...keys }, 'GET', proxied)).toBe('done');
  });
});

describe('the origin of a request that may change something', () => {
  const host = '127.0.0.1:8080';
  const evil = 'https://evil.example';
  const cors = { KILN_CORS_ORIGINS: 'https://studio.example.com' };
  const publicUrl = { KILN_PUBLIC_URL: 'https://kiln.example.com/images' };

  test.each<[string, Settings, Settings, string]>([
    ['a program', {}, {}, 'done'],
    ['our own page', { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, {}, 'done'],
    ['an older browser on our page', { origin: `http://${host}` }, {}, 'done'],
    ['the address bar', { 'sec-fetch-site': 'none' }, {}, 'done'],
    ['a form of another site', { origin: evil, 'sec-fetch-site': 'cross-site' }, {}, 'cross_site'],
    ['a form without Origin', { 'sec-fetch-site': 'cross-site' }, {}, 'cross_site'],
    ['a form of an older browser', { origin: evil }, {}, 'cross_site'],
    [
      'another origin that claims to be ours',
      { origin: evil, 'sec-fetch-site': 'same-origin' },
      {},
      'cross_site',
    ],
    [
      'another port of this machine',
      { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' },
      {},
      'cross_site',
    ],
    ['the same, of an older browser', { origin: 'http://127.0.0.1:3000' }, {}, 'cross_site'],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }, {}, 'cross_site'],
    ['a file, of an older browser', { origin: 'null' }, {}, 'cross_site'],
    ['two values', { 'sec-fetch-site': 'same-origin, cross-site' }, {}, 'cross_site'],
    ['an empty value', { 'sec-fetch-site': '' }, {}, 'cross_site'],
    [
      'an extension',
      { origin: 'chrome-extension://abc', 'sec-fetch-site': 'none' },
      {},
      'cross_site',
    ],
    [
      'a listed origin',
      { origin: 'https://studio.example.com', 'sec-fetch-site': 'cross-site' },
      cors,
      'done',
    ],
    [
      'an origin below a listed one',
      { origin: 'https://a.studio.example.com' },
      cors,
      'cross_site',
    ],
    ['a page with a key', { origin: evil, 'sec-fetch-site': 'cross-site' }, keys, 'cross_site'],
    [
      'the page at the public address',
      { origin: 'https://kiln.example.com', 'sec-fetch-site': 'same-origin' },
      publicUrl,
      'done',
    ],
    [
      'the public address without TLS',
      { origin: 'http://kiln.example.com' },
      publicUrl,
      'cross_site',
    ],
  ])('%s', async (_who, headers, env, outcome) => {
    expect(await ask(env, 'POST', { host, ...headers })).toBe(outcome);
    expect(await ask(env, 'GET', { host, ...headers })).toBe('done');
  });

  test('behind a proxy that is not configured, only the host decides', async () => {
    const page = { origin: 'https://kiln.example.com', host: 'kiln.example.com' };
    expect(await ask(keys, 'POST', page)).toBe('done');
  });

  test('behind a trusted proxy, its scheme decides as well', async () => {
    const env = { ...keys, ...proxy };
    const headers = { host, 'x-forwarded-host': 'kiln.example.com', 'x-forwarded-proto': 'https' };
    const from = (origin: string) => ask(env, 'POST', { ...headers, origin });
    expect(await from('https://kiln.example.com')).toBe('done');
    expect(await from('http://kiln.example.com')).toBe('cross_site');
    expect(await from(`http://${host}`)).toBe('cross_site');
  });
});
