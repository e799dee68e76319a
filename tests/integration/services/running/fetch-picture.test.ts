/** Pictures that a deployment answers as addresses, fetched over real sockets. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deployment } from '@kiln/shared/models/deployment';
import { createPictureFetcher } from '@kiln/shared/services/running/fetch-picture';
import { createEgress } from '@kiln/shared/webhooks/egress';
import { beforeAll, describe, expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { hashed } from '../../../support/pictures/pictures.ts';
import { openaiDeployment } from '../../provider/support.ts';

const bytes = Buffer.from('the bytes of a picture');
const seen: IncomingMessage[] = [];
let origin: string;
let deployment: Deployment;

const routes: Record<string, (response: ServerResponse) => void> = {
  '/picture.png': (response) => response.end(bytes),
  '/moved': (response) => response.writeHead(302, { location: '/picture.png' }).end(),
  '/away': (response) =>
    response.writeHead(302, { location: 'https://elsewhere.example/a.png' }).end(),
  '/inside': (response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
  '/circle': (response) => response.writeHead(302, { location: '/circle' }).end(),
  '/gone': (response) => response.writeHead(410).end(),
  '/busy': (response) =>
    seen.filter(({ url }) => url === '/busy').length === 1
      ? response.writeHead(503).end()
      : response.end(bytes),
  '/endless': (response) => {
    const write = (): void => {
      while (response.write(Buffer.alloc(1_000_000)));
      response.once('drain', write);
    };
    write();
  },
};

beforeAll(async () => {
  const server = createServer((request, response) => {
    seen.push(request);
    (routes[(request.url ?? '').replace(/\?.*/, '')] ?? ((other) => other.writeHead(404).end()))(
      response,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  deployment = {
    ...openaiDeployment,
    name: 'sweden',
    baseUrl: `${origin}/v1`,
    headers: { 'x-tenant': 'a' },
    imageHosts: ['pictures.example', '*.internal.example'],
  };
});

/** Every name resolves to an address of this machine. */
const resolve = async () => ({ status: 'found' as const, addresses: ['127.0.0.1'] });
let token = (): Promise<string> => Promise.resolve('token');
const fetchPicture = createPictureFetcher(createEgress({ allowed: [], resolve }), () => token());

function fetchFrom(address: string, changes: Partial<Deployment> = {}) {
  return fetchPicture({ ...deployment, ...changes }, address, new AbortController().signal);
}

describe('from the own origin, although its address is not public', () => {
  test.each([
    ['an address', () => `${origin}/picture.png`],
    ['an address without a host', () => '/picture.png'],
    ['an address with a long signature', () => `${origin}/picture.png?sig=${'x'.repeat(3_000)}`],
    ['a redirect within the origin', () => `${origin}/moved`],
    ['a server that fails once', () => `${origin}/busy`],
  ])('%s: its bytes, asked for with key and headers', async (_name, address) => {
    expect(await fetchFrom(address())).toEqual({ status: 'fetched', picture: hashed(bytes) });
    expect(seen.at(-1)?.headers).toMatchObject({ authorization: 'Bearer key', 'x-tenant': 'a' });
  });

  test('a deployment that signs in at Entra ID sends its token', async () => {
    const entra = { scope: 'scope', authority: 'https://login.example' };
    const fetched = { status: 'fetched', picture: hashed(bytes) };
    expect(await fetchFrom('/picture.png', { apiKey: null, entra })).toEqual(fetched);
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer token');
    token = () => Promise.reject(new Error('Entra ID does not answer'));
    expect(await fetchFrom('/picture.png', { apiKey: null, entra })).toEqual({
      status: 'missing',
      reason: `its address on ${new URL(origin).host} needs a token: Entra ID does not answer`,
    });
  });

  test('the query of the deployment is sent, but not twice', async () => {
    const query = { 'subscription-key': 'a b', sig: 'other' };
    await fetchFrom('/picture.png?sig=%2f%20~', { query });
    expect(seen.at(-1)?.url).toBe('/picture.png?sig=%2f%20~&subscription-key=a+b');
  });

  test('Azure gets the key in its own header', async () => {
    await fetchFrom('/picture.png', { provider: 'azure' });
    expect(seen.at(-1)?.headers).toMatchObject({ 'api-key': 'key', 'x-tenant': 'a' });
  });
});

describe('anything else is a sentence that says what to do', () => {
  const sentence = (host: string) =>
    `it is an address on ${host}, from which Kiln may not fetch pictures; set response_format: ` +
    'b64_json for the deployment "sweden", or list the host in its image_hosts';

  test.each<[string, () => string, () => string]>([
    ['another host', () => 'https://example.com/a.png?sig=1', () => sentence('example.com')],
    ['another port', () => 'http://127.0.0.1:9/a.png', () => sentence('127.0.0.1:9')],
    [
      'an allowed host without TLS',
      () => 'http://pictures.example/a',
      () => sentence('pictures.example'),
    ],
    ['a redirect to another host', () => `${origin}/away`, () => sentence('elsewhere.example')],
    [
      'a redirect to a metadata service',
      () => `${origin}/inside`,
      () => sentence('169.254.169.254'),
    ],
    ['another scheme', () => 'gs://bucket/a.png', () => 'it is neither base64 nor an http address'],
    [
      'an allowed host whose address is internal',
      () => 'https://a.internal.example/a.png',
      () =>
        'it is an address on a.internal.example, which does not resolve to a public address; ' +
        'internal addresses need an entry in KILN_WEBHOOK_ALLOW, and some are never allowed',
    ],
    [
      'redirects in a circle',
      () => `${origin}/circle`,
      () => 'its address redirects more than 3 times',
    ],
    [
      'a picture that is gone',
      () => `${origin}/gone`,
      () => `its address on ${new URL(origin).host} answers HTTP 410`,
    ],
    [
      'a body that is too long',
      () => `${origin}/endless`,
      () => `it is an address on ${new URL(origin).host}, which sends more than 50331648 bytes`,
    ],
  ])('%s', async (_name, address, reason) => {
    expect(await fetchFrom(address())).toEqual({ status: 'missing', reason: reason() });
  });

  test('an abort of the call', async () => {
    expect(
      await fetchPicture(deployment, `${origin}/picture.png`, AbortSignal.abort()),
    ).toMatchObject({ status: 'missing' });
  });
});
