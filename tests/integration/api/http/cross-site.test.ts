/**
 * No route of the OpenAPI document does anything for a web page of another site, and none answers
 * under a name that is not this API's.
 */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { countEffects, engineNamed } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const document = (await (await kiln.request('/openapi.json')).json()) as {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, unknown> } }>>;
};
/** Addresses outside of the document that do the same as one in it, or show it. */
const aliases = ['/openai/v1/images/generations', '/openai/batches', '/v1/nothing'].map((path) => ({
  method: 'POST',
  path,
  types: ['application/json'],
}));
const pages = ['/docs', '/docs/json', '/openapi.json', '/'].map((path) => ({
  method: 'GET',
  path,
  types: [],
}));
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { requestBody }]) => ({
    method: method.toUpperCase(),
    path: path.replaceAll(/\{\w+\}/g, '1'),
    types: Object.keys(requestBody?.content ?? {}),
  })),
);
const operations = [...routes, ...aliases, ...pages];
const refused = operations.filter(
  ({ method, path }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) || path.endsWith('/events'),
);

interface Answer {
  status: number;
  code: string | undefined;
  requestId: string | undefined;
}

/** Sends headers that `fetch` would set itself, and resolves with the code of the error. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { port } = new URL(kiln.url);
  httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
    const { statusCode: status = 0, headers: answered } = response;
    const requestId = answered['x-request-id'] as string | undefined;
    if (answered['content-type']?.startsWith('text/event-stream') === true) {
      response.destroy();
      resolve({ status, code: undefined, requestId });
      return;
    }
    text(response).then((answer) => {
      const isJson = answered['content-type']?.startsWith('application/json') === true;
      const parsed =
        isJson && answer !== '' ? (JSON.parse(answer) as { error?: { code: string } }) : {};
      resolve({ status, code: parsed.error?.code, requestId });
    }, reject);
  })
    .once('error', reject)
    .end(body);
  return promise;
}

test('the document has the routes that spend money', () => {
  const known = refused.map(({ method, path }) => `${method} ${path}`);
  expect(known).toEqual(
    expect.arrayContaining([
      'POST /v1/jobs',
      'POST /v1/batches',
      'POST /v1/images/edits',
      'GET /v1/events',
    ]),
  );
  expect(known.length).toBeGreaterThan(20);
});

test.each(refused)(
  'a page of another site cannot $method $path',
  async ({ method, path, types }) => {
    const before = await countEffects(kiln);
    // Browsers send these three types without asking first, and an empty body without any.
    const simple = [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
    ];
    for (const type of [...simple, ...types, '']) {
      for (const headers of [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const content: Record<string, string> =
          type === '' || method === 'GET' ? {} : { 'content-type': type, 'content-length': '2' };
        expect(
          await ask(method, path, { ...headers, ...content }, method === 'GET' ? '' : type && '{}'),
        ).toEqual({
          status: 403,
          code: 'cross_site',
          requestId: expect.stringMatching(/^req_/) as unknown,
        });
      }
    }
    expect(await countEffects(kiln)).toEqual(before);
  },
);

test.each(operations)(
  '$method $path does not answer under another name',
  async ({ method, path }) => {
    const before = await countEffects(kiln);
    for (const host of ['evil.example', `evil.example:${new URL(kiln.url).port}`, '10.0.0.7']) {
      const origin = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
      for (const headers of [{ host }, { host, ...origin }]) {
        const { status, code } = await ask(method, path, headers);
        expect({ status, code: method === 'HEAD' ? 'host_not_allowed' : code }).toEqual({
          status: 421,
          code: 'host_not_allowed',
        });
      }
    }
    expect(await countEffects(kiln)).toEqual(before);
  },
);

test.each(operations)(
  '$method $path answers our own page and programs',
  async ({ method, path }) => {
    const own = { origin: kiln.url, 'sec-fetch-site': 'same-origin' };
    for (const headers of [own, { host: 'localhost:8080' }, {}]) {
      const { status } = await ask(method, path, headers);
      expect([403, 421]).not.toContain(status);
    }
  },
);

test.each<[string, string, number]>([
  ['HTTP/1.0 without a host', 'GET /livez HTTP/1.0', 200],
  ['an empty host', 'GET /livez HTTP/1.1\r\nhost:\r\nconnection: close', 421],
])('a program that sends %s (%j) gets %i', async (_what, head, status) => {
  const socket = connect(Number(new URL(kiln.url).port), '127.0.0.1');
  socket.write(`${head}\r\n\r\n`);
  expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});
