/**
 * Every client behind a company's proxy: calls of the provider, tokens of Entra ID, object stores
 * and webhooks. The names are names of the internet that only the proxy can reach.
 */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noProxies, readProxies, type Proxies } from '@kiln/shared/config/proxies';
import type { AzureBlobSettings } from '@kiln/shared/config/storage';
import type { Deployment } from '@kiln/shared/models/deployment';
import { openTunnel } from '@kiln/shared/network/open-tunnel';
import { createProvider } from '@kiln/shared/provider/provider';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { createEgress } from '@kiln/shared/webhooks/egress';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { freePort } from '../../support/engines/server-process.ts';
import { startConnectProxy } from '../../support/network/connect-proxy.ts';
import { startReceiver } from '../../support/network/receiver.ts';
import { makeTrustedCertificate, startTlsFront } from '../../support/network/tls-front.ts';
import { azuriteAccount } from '../../support/stores/azurite-server.ts';
import { bucketInAzurite, bucketInS3, toSettings } from '../../support/stores/object-stores.ts';
import { callOf, openaiDeployment } from '../provider/support.ts';

const secret = 'p@ss word';
const blobHost = `${azuriteAccount.name}.blob.example`;
const certificate = makeTrustedCertificate([
  'api.example',
  'login.example',
  's3.amazonaws.com',
  'hooks.example',
  blobHost,
]);

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function withTls(plainPort: number): Promise<number> {
  const front = await startTlsFront(plainPort, certificate);
  atEndOfFile(() => front.close());
  return front.port;
}

const { s3, azuriteUrl } = inject('engines').stores;
const [s3Port, azuritePort] = [Number(new URL(s3.url).port), Number(new URL(azuriteUrl).port)];
const simulator = await buildSimulator({
  rpm: 0,
  latencyMs: { min: 0, max: 0 },
  pictures: 'tiny',
  key: 'key',
});
const simulatorPort = Number(new URL(await simulator.listen({ port: 0, host: '127.0.0.1' })).port);
atEndOfFile(() => simulator.close());
const receiver = await startReceiver();
const loginPort = await serve((request, response) => {
  const tenant = 'https://login.example/tenant';
  const about = {
    issuer: `${tenant}/v2.0`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${tenant}/keys`,
  };
  const token = { token_type: 'Bearer', expires_in: 3_600, access_token: 'key' };
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify(request.method === 'GET' ? about : token));
});
const proxy = await startConnectProxy({
  credentials: `user:${secret}`,
  ports: {
    'api.example:443': await withTls(simulatorPort),
    'api.example': simulatorPort,
    'login.example:443': await withTls(loginPort),
    's3.amazonaws.com:443': await withTls(s3Port),
    's3.amazonaws.com': s3Port,
    [`${blobHost}:443`]: await withTls(azuritePort),
    [blobHost]: azuritePort,
    // The address of hooks.example.
    '1.1.1.1:443': await withTls(receiver.port),
    '1.1.1.1:80': receiver.port,
  },
});
atEndOfFile(() => proxy.close());

beforeEach(() => {
  proxy.asked.length = 0;
  proxy.refuseWith(null);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function behindProxy(noProxy = ''): Proxies {
  const environment = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: noProxy };
  const problems: string[] = [];
  const proxies = readProxies(environment, problems, problems);
  expect(problems).toEqual([]);
  return proxies;
}

/** What the proxy was asked for, each once. */
const targets = () => [...new Set(proxy.asked.map(({ method, target }) => `${method} ${target}`))];

const deployment: Deployment = { ...openaiDeployment, baseUrl: 'https://api.example/v1' };

async function call(changes: Partial<Deployment>, proxies: Proxies) {
  const provider = createProvider({ callTimeoutMs: 20_000, streamIdleMs: 20_000, proxies });
  let written = 0;
  const outcome = await provider.call(
    { ...deployment, ...changes },
    callOf({ request: { prompt: 'A small boat' }, onWritten: () => (written += 1) }),
  );
  await provider.close();
  return { outcome, written };
}

describe('a call of the provider', () => {
  test('to an https address goes through a tunnel, with the proxy’s password', async () => {
    const { outcome, written } = await call({}, behindProxy());
    expect(outcome).toMatchObject({ status: 'images' });
    expect(written).toBe(1);
    expect(proxy.asked).toEqual([
      {
        method: 'CONNECT',
        target: 'api.example:443',
        authorization: `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
      },
    ]);
  });

  test('goes through a proxy that is reached by TLS and has a certificate of its own', async () => {
    const secure = await startConnectProxy({
      tls: makeTrustedCertificate(['localhost']),
      ports: {
        'api.example:443': await withTls(simulatorPort),
        'api.example': simulatorPort,
      },
    });
    atEndOfFile(() => secure.close());
    const url = new URL(secure.url.replace('127.0.0.1', 'localhost'));
    for (const baseUrl of ['https://api.example/v1', 'http://api.example/v1']) {
      const { outcome } = await call({ baseUrl }, { ...noProxies, http: url, https: url });
      expect(outcome).toMatchObject({ status: 'images' });
    }
    expect(secure.asked.map(({ method, target }) => `${method} ${target}`)).toEqual([
      'CONNECT api.example:443',
      'POST http://api.example/v1/images/generations',
    ]);
  });

  test('to an http address is sent to the proxy', async () => {
    const { outcome, written } = await call({ baseUrl: 'http://api.example/v1' }, behindProxy());
    expect(outcome).toMatchObject({ status: 'images' });
    expect(written).toBe(1);
    expect(targets()).toEqual(['POST http://api.example/v1/images/generations']);
  });

  test('to a host of NO_PROXY goes directly', async () => {
    const baseUrl = `http://127.0.0.1:${simulatorPort}/v1`;
    const { outcome } = await call({ baseUrl }, behindProxy('127.0.0.0/8'));
    expect(outcome).toMatchObject({ status: 'images' });
    expect(proxy.asked).toEqual([]);
  });

  test.each([
    [407, { class: 'refused', code: 'pool_paused_auth', status: 407 }],
    // tinyproxy's answer to a wrong password
    [401, { class: 'refused', code: 'pool_paused_auth', status: 407 }],
    [403, { class: 'refused', code: 'connection_failed' }],
    [503, { class: 'refused', code: 'connection_failed' }],
  ])('is not made when the proxy refuses the tunnel with %i', async (status, fault) => {
    proxy.refuseWith(status);
    const { outcome, written } = await call({}, behindProxy());
    expect(outcome).toMatchObject({ status: 'fault', fault });
    expect(written).toBe(0);
    const said = JSON.stringify(outcome);
    expect(said).toContain('refused a connection to api.example:443');
    expect(said).not.toMatch(/user:|p%40ss|p@ss/);
  });

  test('is not made when the proxy is down', async () => {
    const https = new URL(`http://user:secret@127.0.0.1:${await freePort()}`);
    const { outcome, written } = await call({}, { ...noProxies, https });
    expect(outcome).toMatchObject({ fault: { class: 'refused', code: 'connection_failed' } });
    expect(written).toBe(0);
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  test('with Entra ID gets its token through the proxy too', async () => {
    vi.stubEnv('AZURE_TENANT_ID', 'tenant');
    vi.stubEnv('AZURE_CLIENT_ID', 'client');
    vi.stubEnv('AZURE_CLIENT_SECRET', 'client-secret');
    const entra = {
      scope: 'https://cognitiveservices.azure.com/.default',
      authority: 'https://login.example',
    };
    const { outcome } = await call({ apiKey: null, entra }, behindProxy());
    expect(outcome).toMatchObject({ status: 'images' });
    expect(targets()).toEqual(['CONNECT login.example:443', 'CONNECT api.example:443']);
  });
});

describe('an object store', () => {
  const png = { contentType: 'image/png' };
  const useKeys = () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKey);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.secretKey);
  };

  test.each([
    ['https', /^CONNECT s3\.amazonaws\.com:443$/],
    ['http', /^\w+ http:\/\/s3\.amazonaws\.com\//],
  ])('of S3 at an %s address is reached through the proxy', async (kind, expected) => {
    useKeys();
    const settings = toSettings(bucketInS3(s3).environment(`${kind}://s3.amazonaws.com`));
    const store = await openObjectStore(settings, behindProxy());
    await store.check();
    // Larger than the size from which the SDK waits for leave to send a body.
    await store.put('picture', Buffer.alloc(3 * 1024 * 1024), png);
    expect(await store.head('picture')).toMatchObject({ size: 3 * 1024 * 1024 });
    await store.close();
    expect(targets()).not.toEqual([]);
    for (const target of targets()) expect(target).toMatch(expected);
  });

  test.each([
    ['https', /^CONNECT \w+\.blob\.example:443$/],
    ['http', /^\w+ http:\/\/\w+\.blob\.example\//],
  ])('of Azure at an %s address is reached through the proxy', async (kind, expected) => {
    const settings = toSettings(bucketInAzurite(azuriteUrl).environment()) as AzureBlobSettings;
    const { name, key } = azuriteAccount;
    const connectionString = `DefaultEndpointsProtocol=${kind};AccountName=${name};AccountKey=${key};BlobEndpoint=${kind}://${blobHost};`;
    const account = { kind: 'connection-string', connectionString } as const;
    const store = await openObjectStore({ ...settings, account }, behindProxy());
    await store.check();
    await store.put('picture', Buffer.from('picture'), png);
    expect(await store.head('picture')).toMatchObject({ size: 7 });
    expect(targets()).not.toEqual([]);
    for (const target of targets()) expect(target).toMatch(expected);
  });

  test('goes by what Kiln has parsed, not by what the SDK reads itself', async () => {
    useKeys();
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'])
      vi.stubEnv(name, 'http://127.0.0.1:1');
    const excepted = behindProxy('127.0.0.0/8');
    for (const bucket of [bucketInS3(s3), bucketInAzurite(azuriteUrl)]) {
      const store = await openObjectStore(toSettings(bucket.environment()), excepted);
      await store.check();
    }
    expect(proxy.asked).toEqual([]);
  });
});

describe('a webhook', () => {
  const post = (url: string, addresses: string[]) =>
    createEgress({
      allowed: [{ kind: 'host', host: 'hooks.example', port: 80 }],
      resolve: () => Promise.resolve({ status: 'found', addresses }),
      proxies: behindProxy(),
    }).post({
      url,
      headers: { 'webhook-id': '1' },
      body: '{}',
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    });

  test.each([
    ['https', 443],
    ['http', 80],
  ])(
    'by %s asks the proxy for the address that was checked, never for the name',
    async (kind, port) => {
      const heard = receiver.heard.length;
      const outcome = await post(`${kind}://hooks.example/hook`, ['1.1.1.1']);
      expect(outcome).toMatchObject({ status: 'answered', httpStatus: 204 });
      expect(targets()).toEqual([`CONNECT 1.1.1.1:${port}`]);
      expect(receiver.heard.slice(heard)).toMatchObject([
        { path: '/hook', headers: { host: 'hooks.example' } },
      ]);
    },
  );

  test.each(['10.0.0.1', '169.254.169.254', '127.0.0.1', '::ffff:10.0.0.1'])(
    'to a name with the internal address %s does not reach the proxy',
    async (address) => {
      const refused = { status: 'failed', error: 'address_refused' };
      expect(await post('https://hooks.example/hook', [address])).toEqual(refused);
      const both = ['1.1.1.1', address];
      expect(await post('https://hooks.example/hook', both)).toEqual(refused);
      expect(proxy.asked).toEqual([]);
    },
  );

  test('fails without reaching the receiver when the proxy refuses', async () => {
    proxy.refuseWith(403);
    const outcome = await post('https://hooks.example/hook', ['1.1.1.1']);
    expect(outcome).toEqual({ status: 'failed', error: 'proxy_failed' });
  });

  test('goes to the next address when the proxy cannot reach the first', async () => {
    const outcome = await post('https://hooks.example/hook', ['1.0.0.1', '1.1.1.1']);
    expect(outcome).toMatchObject({ status: 'answered' });
    expect(targets()).toEqual(['CONNECT 1.0.0.1:443', 'CONNECT 1.1.1.1:443']);
  });
});

describe('a picture that is answered as an address', () => {
  const get = (url: string, addresses: string[]) =>
    createEgress({
      allowed: [],
      resolve: () => Promise.resolve({ status: 'found', addresses }),
      proxies: behindProxy(),
    }).get({
      url,
      headers: {},
      trustedOrigin: 'https://api.example',
      maxBytes: 1_000,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    });

  test('on the endpoint’s own origin is fetched by name, which only the proxy knows', async () => {
    expect(await get('https://api.example/missing.png', [])).toMatchObject({ httpStatus: 404 });
    expect(targets()).toEqual(['CONNECT api.example:443']);
  });

  test('on another host is fetched from the address that was checked', async () => {
    expect(await get('https://hooks.example/a.png', ['1.1.1.1'])).toMatchObject({
      status: 'answered',
    });
    expect(targets()).toEqual(['CONNECT 1.1.1.1:443']);
    proxy.asked.length = 0;
    const refused = await get('https://hooks.example/a.png', ['10.0.0.1']);
    expect(refused).toMatchObject({ status: 'refused' });
    expect(proxy.asked).toEqual([]);
  });
});

test('a tunnel that the proxy never opens fails in time', async () => {
  const silent = createServer().on('connect', () => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  atEndOfFile(async () => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}`);
  const tunnel = openTunnel({ proxy: url, host: 'api.example', port: 443, timeoutMs: 50 });
  await expect(tunnel).rejects.toThrow(/opened no connection to api\.example:443 within 50 ms/);
});
