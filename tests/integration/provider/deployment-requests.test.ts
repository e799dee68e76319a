/**
 * What arrives at the endpoint of a deployment that the configuration describes: address, key,
 * headers and parameters.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseConfig } from '@kiln/shared/config';
import { createProvider } from '@kiln/shared/provider/provider';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { callOf } from './support.ts';

interface Received {
  url: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

const received: Received[] = [];
/** Refuses every call, in words that repeat what it was sent. */
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { url = '', headers } = request;
    received.push({ url, headers, body: JSON.parse(body) as Record<string, unknown> });
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { code: 'no', message: `refused ${headersText(headers)}` } }));
  });
});
const headersText = (headers: IncomingHttpHeaders) =>
  ['x-team', 'api-key', 'authorization', 'x-gateway'].map((name) => String(headers[name])).join();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
atEndOfFile(async () => {
  server.closeAllConnections();
  server.close();
});
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { path: folder } = temporaryFolder('deployment-requests');

/** Calls the deployment that this entry of the file describes. */
async function callDeployment(entry: Record<string, unknown>, model = 'gpt-image-2') {
  const file = join(folder, `${Math.random()}.json`);
  const named = { name: 'a', pool: 'p', ...entry };
  writeFileSync(file, JSON.stringify({ pools: [{ name: 'p' }], deployments: [named] }));
  const { deployments } = parseConfig({
    DATABASE_URL: 'postgres://host/kiln',
    KILN_DEPLOYMENTS: file,
    A_KEY: 'the-key',
    B_KEY: 'another-key',
    LONG_KEY: 'a-key-as-long-as-keys-are',
  });
  const provider = createProvider({ callTimeoutMs: 20_000, streamIdleMs: 20_000 });
  received.length = 0;
  const outcome = await provider.call(
    deployments[0]!,
    callOf({ model, request: { prompt: 'A small boat' } }),
  );
  await provider.close();
  return outcome;
}

/** Calls the deployment. Returns what arrived. */
async function receive(entry: Record<string, unknown>, model?: string): Promise<Received> {
  await callDeployment(entry, model);
  expect(received).toHaveLength(1);
  return received[0]!;
}

const azure = { provider: 'azure', model: 'gpt-image-2', api_key_env: 'A_KEY' };
const openai = { provider: 'openai', api_key_env: 'A_KEY' };
const version = 'api-version=2025-04-01-preview';

test.each([
  ['', `/openai/deployments/gpt-image-2/images/generations?${version}`],
  ['/team/openai-img', `/team/openai-img/deployments/gpt-image-2/images/generations?${version}`],
  ['/team/openai/', `/team/openai/deployments/gpt-image-2/images/generations?${version}`],
  ['/deployments/x/y', `/deployments/x/y/deployments/gpt-image-2/images/generations?${version}`],
  [
    '/openai/deployments/my%20pictures/images/generations?api-version=2026-01-01&code=c',
    '/openai/deployments/my%20pictures/images/generations?code=c&api-version=2026-01-01',
  ],
])('Azure at %s is called at %s', async (path, expected) => {
  const { url, headers, body } = await receive({ ...azure, endpoint: `${origin}${path}` });
  expect(url).toBe(expected);
  expect(headers).toMatchObject({ 'api-key': 'the-key', 'x-ms-client-request-id': 'req_1' });
  expect(headers).not.toHaveProperty('authorization');
  expect(body).not.toHaveProperty('model');
});

test('Azure at /openai/v1 gets the deployment’s name as model, and no api-version', async () => {
  const endpoint = `${origin}/openai/v1/`;
  const { url, headers, body } = await receive({ ...azure, deployment: 'pictures', endpoint });
  expect(url).toBe('/openai/v1/images/generations');
  expect(headers).toMatchObject({ 'api-key': 'the-key' });
  expect(body).toMatchObject({ model: 'pictures' });
  const preview = await receive({ ...azure, endpoint: `${endpoint}?api-version=preview` });
  expect(preview.url).toBe('/openai/v1/images/generations?api-version=preview');
  expect(preview.body).toMatchObject({ model: 'gpt-image-2' });
});

test('headers and parameters of the deployment are sent with each request', async () => {
  const { url, headers } = await receive({
    ...openai,
    endpoint: `${origin}/v1?team=a`,
    headers: { 'Helicone-Auth': 'Bearer ${B_KEY}', 'User-Agent': 'own' },
    query: { code: '${B_KEY}' },
  });
  expect(url).toBe('/v1/images/generations?team=a&code=another-key');
  expect(headers).toMatchObject({
    authorization: 'Bearer the-key',
    'helicone-auth': 'Bearer another-key',
    'user-agent': 'own',
    'x-client-request-id': 'req_1',
  });
});

test.each([
  [{ ...azure, api_key_env: undefined }, { 'ocp-apim-subscription-key': 'another-key' }],
  [{ ...openai, api_key_env: undefined }, { 'x-portkey-api-key': 'another-key' }],
])('auth: none sends the headers alone', async (provider, expected) => {
  const [[name, value] = ['', '']] = Object.entries(expected);
  const { headers } = await receive({
    ...provider,
    endpoint: `${origin}/v1`,
    auth: 'none',
    headers: { [name]: '${B_KEY}' },
  });
  expect(headers).toMatchObject({ [name]: value });
  expect(headers).not.toHaveProperty('authorization');
  expect(headers).not.toHaveProperty('api-key');
});

test('authorization of the headers takes the place of a key', async () => {
  const { headers } = await receive({
    provider: 'openai',
    endpoint: `${origin}/v1`,
    headers: { Authorization: 'Basic ${A_KEY}' },
  });
  expect(headers).toMatchObject({ authorization: 'Basic the-key' });
});

test('an OpenAI endpoint gets the name that it knows, whatever the model is called', async () => {
  const endpoint = `${origin}/v1`;
  const named = { ...openai, endpoint, model: 'gpt-image-2', deployment: '@west/pictures' };
  expect((await receive(named)).body).toMatchObject({ model: '@west/pictures' });
  expect((await receive({ ...openai, endpoint }, 'gpt-image-1')).body).toMatchObject({
    model: 'gpt-image-1',
  });
});

test('a message of the endpoint that repeats its secrets is kept without them', async () => {
  const headers = { 'x-team': 'pictures', 'x-gateway': 'Bearer ${LONG_KEY}' };
  for (const provider of [azure, openai]) {
    const entry = { ...provider, endpoint: `${origin}/v1`, api_key_env: 'LONG_KEY', headers };
    const said = JSON.stringify(await callDeployment(entry));
    expect(said).toMatch(/refused pictures,.*\(hidden\).*\(hidden\)/);
    expect(said).not.toContain('as-long-as');
  }
});
