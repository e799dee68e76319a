/** The page, its files and their headers, as browsers and programs get them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { createApiKeys } from '@kiln/shared/access/api-keys';
import type { Config } from '@kiln/shared/config';
import { createLogger } from '@kiln/shared/logger';
import { createSessionDeps } from '@kiln/shared/services/access/sessions';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { temporaryFolder } from '../../../support/engines/server-process.ts';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed } from '../support.ts';

const script = 'console.log("the studio");';
const folder = writeBuild();
const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const api = createApiDeps(kiln.deps, new AbortController().signal);
atEndOfFile(() => api.close());
const key = 'a-key-of-the-studio-test';
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** A folder with the shape of a build of apps/web. */
function writeBuild(): string {
  const { path } = temporaryFolder('studio');
  mkdirSync(join(path, 'assets'));
  const page = '<!doctype html><html><head><title>Kiln</title></head><body></body></html>';
  writeFileSync(join(path, 'index.html'), page);
  writeFileSync(join(path, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" />');
  writeFileSync(join(path, '.sources'), 'a hash');
  writeFileSync(join(path, 'assets/index-abc123.js'), script);
  writeFileSync(join(path, 'assets/index-abc123.js.br'), brotliCompressSync(script));
  return path;
}

/** The API with other settings, on the same records. */
async function appWith(
  changes: Partial<Config> = {},
  studioFolder: string | null = folder,
): Promise<FastifyInstance> {
  const config = { ...api.jobs.config, ...changes };
  const sessions = createSessionDeps(kiln.deps.records.db, createApiKeys(config.apiKeys));
  const app = await buildApp(
    { ...api, jobs: { ...api.jobs, config }, sessions, studioFolder },
    createLogger({ name: 'test', level: 'silent' }),
  );
  atEndOfFile(() => app.close());
  return app;
}

test.each(['/', '/batches', '/batches/batch_1?row=7', '/sign-in', '/nothing/here.js'])(
  'a browser that opens %s gets the page, which it does not keep',
  async (url) => {
    const app = await appWith();
    const answer = await app.inject({ url, headers: html });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toContain('<head><base href="/" />');
  },
);

test('the page may run and load nothing but its own files, and stand in no frame', async () => {
  const app = await appWith();
  const { headers } = await app.inject({ url: '/', headers: html });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['referrer-policy']).toBe('same-origin');
});

test.each([
  ['a program', 'GET', '/batches', {}],
  ['a program that takes anything', 'GET', '/', { accept: '*/*' }],
  ['a form', 'POST', '/batches', html],
  ['a browser, below the API', 'GET', '/v1/nothing', html],
  ['a browser, below the API', 'GET', '/openai/nothing', html],
  ['a browser, below the docs', 'GET', '/docs/nothing', html],
  ['a browser, with a file of the build that is not served', 'GET', '/.sources', {}],
] as const)('%s gets the JSON 404: %s %s', async (_who, method, url, headers) => {
  const app = await appWith();
  const answer = await app.inject({ method, url, headers });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ error: { code: 'route_not_found' } });
});

test('the API answers a browser as before, and so does its reference', async () => {
  const app = await appWith();
  const list = await app.inject({ url: '/v1/jobs', headers: html });
  expect(list.json()).toMatchObject({ object: 'list' });
  const docs = await app.inject({ url: '/docs/', headers: html });
  expect(docs.statusCode).toBe(200);
  expect(docs.body).not.toContain('<base');
});

test('files with a hash in their name are kept for good, others are asked for again', async () => {
  const app = await appWith();
  const asset = await app.inject({ url: '/assets/index-abc123.js' });
  expect(asset.body).toBe(script);
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(asset.headers['x-content-type-options']).toBe('nosniff');
  expect(asset.headers['content-type']).toMatch(/javascript/);
  const icon = await app.inject({ url: '/favicon.svg' });
  expect(icon.headers['cache-control']).toBe('no-cache');
});

test('a browser that takes brotli gets the compressed file of the build', async () => {
  const app = await appWith();
  const asset = await app.inject({
    url: '/assets/index-abc123.js',
    headers: { 'accept-encoding': 'gzip, br' },
  });
  expect(asset.headers['content-encoding']).toBe('br');
  expect(asset.headers['vary']).toMatch(/accept-encoding/i);
  expect(asset.headers['content-type']).toMatch(/javascript/);
  expect(brotliDecompressSync(asset.rawPayload).toString()).toBe(script);
});

test('no path leads out of the folder of the build', async () => {
  const app = await appWith();
  for (const url of ['/assets/../index.html', '/%2e%2e/package.json', '/assets/..%2findex.html']) {
    const answer = await app.inject({ url });
    expect([url, answer.statusCode]).toEqual([url, 404]);
  }
});

test('the raw page, without its policy, is not served', async () => {
  const app = await appWith();
  const answer = await app.inject({ url: '/index.html', headers: html });
  expect(answer.headers['content-security-policy']).toBeDefined();
});

test('with keys the page and its files need none, and the API needs one still', async () => {
  const app = await appWith({ apiKeys: [key] });
  for (const url of ['/', '/batches', '/assets/index-abc123.js'])
    expect((await app.inject({ url, headers: html })).statusCode).toBe(200);
  for (const url of ['/v1/jobs', '/v1/nothing']) {
    const answer = await app.inject({ url, headers: html });
    expect([url, answer.statusCode]).toEqual([url, 401]);
  }
  expect((await app.inject({ url: '/batches' })).statusCode).toBe(401);
});

test('without keys the page answers only to names of this machine', async () => {
  const app = await appWith();
  const answer = await app.inject({ url: '/', headers: { ...html, host: 'evil.example' } });
  expect(answer.statusCode).toBe(421);
});

test.each([
  ['KILN_PUBLIC_URL', { publicUrl: 'https://kiln.example.com/a/kiln' }, '/a/kiln/batches', {}],
  ['KILN_PUBLIC_URL, a proxy cuts', { publicUrl: 'https://kiln.example.com/a/kiln' }, '/', {}],
  [
    'a trusted proxy',
    { trustedProxies: { kind: 'hops', hops: 1 } as const },
    '/batches',
    { 'x-forwarded-prefix': '/a/kiln' },
  ],
])('below the prefix of %s the page finds its files', async (_how, changes, url, headers) => {
  const app = await appWith(changes);
  const answer = await app.inject({ url, headers: { ...html, ...headers } });
  expect(answer.body).toContain('<head><base href="/a/kiln/" />');
});

test('a prefix that a caller invents does not become the address of the files', async () => {
  const app = await appWith();
  const answer = await app.inject({
    url: '/',
    headers: { ...html, 'x-forwarded-prefix': '/"><script>' },
  });
  expect(answer.body).toContain('<head><base href="/" />');
});

test('with signed URLs the store may send pictures too', async () => {
  const app = await buildApp(
    {
      ...api,
      studioFolder: folder,
      links: async ({ objectKey }) => `https://store.example.com:9000/bucket/${objectKey}?x=1`,
    },
    createLogger({ name: 'test', level: 'silent' }),
  );
  atEndOfFile(() => app.close());
  const { headers } = await app.inject({ url: '/', headers: html });
  expect(headers['content-security-policy']).toContain(
    "img-src 'self' blob: data: https://store.example.com:9000;",
  );
});

test('KILN_STUDIO=off removes the page and its files', async () => {
  const app = await appWith({}, null);
  for (const url of ['/', '/batches', '/assets/index-abc123.js'])
    expect((await app.inject({ url, headers: html })).statusCode).toBe(404);
});

test('an API without a build works, and has no page', async () => {
  const app = await appWith({}, join(folder, 'none'));
  expect((await app.inject({ url: '/', headers: html })).statusCode).toBe(404);
  expect((await app.inject({ url: '/v1/jobs' })).statusCode).toBe(200);
});
