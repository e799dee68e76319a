/**
 * Clients that hang up while stored bytes are opened for them: nothing stays open, and nothing ends
 * the process. Node.js warns of a file that the garbage collector had to close.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { requireBatch } from '@kiln/shared/services/batches/batches';
import { openFailedRows } from '@kiln/shared/services/batches/output/failed-rows';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { watchOpenObjects } from '../../../support/open-objects.ts';
import { nextTurn, waitFor } from '../../../support/wait-for.ts';
import { makeBatch, reached, rowsOf } from '../batches/batches-support.ts';
import { filePart, upload } from '../form.ts';
import { startApi } from '../images/image-callers.ts';
import { engineNamed } from '../support.ts';

setFlagsFromString('--expose-gc');
const collectNow = runInNewContext('gc') as () => void;

const kiln = await startKiln({ engine: engineNamed('postgres') });
const { app, url } = await startApi(kiln);
const { hostname, port, host } = new URL(url);

/** Awaited by the store before it hands out an object that it has opened. */
let hold: () => Promise<void> = () => Promise.resolve();
const objects = watchOpenObjects(kiln.deps.store, () => hold());

const warnings: Error[] = [];
const keepWarning = (warning: Error) => warnings.push(warning);
beforeAll(() => void process.on('warning', keepWarning));
afterAll(() => void process.off('warning', keepWarning));

const paths: Record<string, string> = {};
beforeAll(async () => {
  const job = await kiln.ended((await kiln.submit()).id);
  const file = await upload(kiln, [
    ['name="purpose"', 'batch'],
    filePart('{"custom_id":"a"}\n'.repeat(200_000)),
  ]);
  const made = await reached(kiln, (await makeBatch(kiln, rowsOf(3))).id);
  const refused = await reached(
    kiln,
    (await makeBatch(kiln, `prompt,size\n${'A boat in the morning fog,1x1\n'.repeat(9_000)}`)).id,
  );
  expect([made.status, refused.status]).toEqual(['completed', 'failed']);
  Object.assign(paths, {
    image: `/v1/jobs/${job.id}/images/0`,
    file: `/v1/files/${file.id}/content`,
    batch: `/v1/batches/${made.id}`,
    refused: `/v1/batches/${refused.id}`,
  });
});

interface Call {
  method?: string;
  path: () => string;
  headers?: Record<string, string>;
  body?: object;
}

function begin({ method = 'GET', path, headers = {}, body }: Call): Socket {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const bytes = body === undefined ? '' : JSON.stringify(body);
  const lines = Object.entries({
    host,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path()} HTTP/1.1\r\n${lines.join('')}\r\n${bytes}`);
  return socket;
}

/** Resolves when the API has noticed that the client of the next request has gone. */
function nextClosed(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  app.server.once('request', (_request, response) => response.once('close', () => resolve()));
  return promise;
}

const calls: [string, Call][] = [
  ['an image', { path: () => `${paths['image']}` }],
  ['a part of an image', { path: () => `${paths['image']}`, headers: { range: 'bytes=1-9' } }],
  ['the head of an image', { method: 'HEAD', path: () => `${paths['image']}` }],
  ['a thumbnail', { path: () => `${paths['image']}?thumbnail` }],
  ['a file', { path: () => `${paths['file']}` }],
  ['an archive', { path: () => `${paths['batch']}/archive.zip` }],
  ['the failed rows of a refused file', { path: () => `${paths['refused']}/failed.csv` }],
  ...[{}, { stream: true }].map((fields): [string, Call] => [
    `a response with pictures ${JSON.stringify(fields)}`,
    {
      method: 'POST',
      path: () => '/v1/images/generations',
      body: { prompt: 'A small boat', ...fields },
    },
  ]),
];

describe.each(calls)('a client of %s', (_what, call) => {
  // The store passes the object on after the client has gone.
  test.each([1, 2, 3])('hangs up while object %i is opened', async (number) => {
    const closed = nextClosed();
    let opened = 0;
    hold = async () => {
      opened += 1;
      if (opened < number) return;
      client.destroy();
      await closed;
    };
    const client = begin(call);
    // A call that opens fewer objects is answered.
    const answered = once(client, 'data').then(
      () => client.end(),
      () => undefined,
    );
    await Promise.race([closed, answered]);
    await objects.allClosed();
    hold = () => Promise.resolve();
    client.destroy();
    await closed;
  });

  test('hangs up when the first bytes arrive', async () => {
    const closed = nextClosed();
    const client = begin(call);
    await once(client, 'data');
    client.destroy();
    await closed;
    await objects.allClosed();
  });
});

test('a reader of failed rows that stops early closes the file', async () => {
  const { config, routes, tokenMemory, records, store } = kiln.deps;
  const deps = { config, routes, tokenMemory, store, db: records.db };
  const batch = await requireBatch(deps, 'default', `${paths['refused']}`.split('/').at(-1) ?? '');
  const { signal } = new AbortController();
  for await (const line of await openFailedRows(deps, batch, { withMark: false, signal }))
    if (line.includes('A boat')) break;
  await objects.allClosed();
});

test('nothing was left to the garbage collector', async () => {
  for (const _time of [1, 2, 3]) {
    await nextTurn();
    collectNow();
  }
  await nextTurn();
  expect(warnings).toEqual([]);
  // The process still answers.
  await waitFor(async () => (await fetch(`${url}/livez`)).ok, { what: 'the API to answer' });
});
