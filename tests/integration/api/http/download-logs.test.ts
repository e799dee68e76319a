/**
 * The log of a download whose client has received every byte: it has no complaint, even when the
 * client disconnects before the object store has ended its stream.
 */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { startKiln } from '../../../support/kiln.ts';
import { createRecordedLog } from '../../../support/recorded-log.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { makeBatch, reached, rowsOf } from '../batches/batches-support.ts';
import { filePart, upload } from '../form.ts';
import { engineNamed } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('redis') });
const { log, lines } = createRecordedLog();
const openObjects = new Set<Readable>();
/** Resolves when the client of the current test has disconnected. */
let disconnected = Promise.withResolvers<void>();
/** The object store ends its streams only after the client has disconnected. */
let endsLate = false;

const store = {
  ...kiln.deps.store,
  async get(...asked: Parameters<typeof kiln.deps.store.get>) {
    const object = await kiln.deps.store.get(...asked);
    return object === null ? null : watch(object);
  },
};

function watch({ stream, size }: { stream: Readable; size: number }) {
  const watched = endsLate ? Readable.from(endLate(stream), { objectMode: false }) : stream;
  openObjects.add(watched);
  watched.once('close', () => openObjects.delete(watched));
  return { stream: watched, size };
}

async function* endLate(stream: Readable): AsyncGenerator<Uint8Array> {
  yield* stream as AsyncIterable<Uint8Array>;
  await disconnected.promise;
}

const api = createApiDeps({ ...kiln.deps, store }, new AbortController().signal);
const app = await buildApp(api, log);
app.server.on('connection', (socket) => {
  socket.once('close', () => disconnected.resolve());
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
atEndOfFile(async () => {
  await app.close();
  await api.close();
});

/** Downloads like curl: disconnects as soon as the response is complete. */
async function download(
  path: string,
  options: { method?: string; range?: string; body?: object } = {},
) {
  const { method = 'GET', range, body } = options;
  const request = httpRequest(`${url}${path}`, {
    method,
    agent: false,
    headers: {
      connection: 'keep-alive',
      'content-type': 'application/json',
      ...(range !== undefined && { range }),
    },
  }).end(body && JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { socket } = response;
  const bytes = await buffer(response);
  socket.destroy();
  await disconnected.promise;
  return { status: response.statusCode, bytes };
}

/** Waits until the API has logged the end of the request, and returns every other line. */
async function linesOfRequest() {
  await waitFor(() => lines.length > 1, { what: 'the end of the request to be logged' });
  await waitFor(() => openObjects.size === 0, { what: 'every object to be closed' });
  return lines
    .map(({ message }) => message)
    .filter((message) => !['incoming request', 'request completed'].includes(message));
}

let imagePath = '';
let imageBytes = 0;
let jobPath = '';
let filePath = '';
let batchPath = '';

beforeAll(async () => {
  const job = await kiln.ended((await kiln.submit()).id);
  jobPath = `/v1/jobs/${job.id}`;
  imagePath = `${jobPath}/images/0`;
  imageBytes = job.images[0]?.bytes ?? 0;
  const file = await upload(kiln, [
    ['name="purpose"', 'batch'],
    filePart('{"custom_id":"a"}\n'.repeat(20_000)),
  ]);
  filePath = `/v1/files/${file.id}/content`;
  const batch = await makeBatch(kiln, rowsOf(2));
  batchPath = `/v1/batches/${(await reached(kiln, batch.id)).id}`;
});

beforeEach(() => {
  disconnected = Promise.withResolvers();
  lines.length = 0;
});

describe('when the object store ends its stream after the client has disconnected', () => {
  beforeEach(() => (endsLate = true));
  afterEach(() => (endsLate = false));

  test('an image is logged as completed', async () => {
    const { status, bytes } = await download(imagePath);
    expect([status, bytes.length]).toEqual([200, imageBytes]);
    expect(await linesOfRequest()).toEqual([]);
  });

  test('a part of an image is logged as completed', async () => {
    const { status, bytes } = await download(imagePath, { range: 'bytes=10-19' });
    expect([status, bytes.length]).toEqual([206, 10]);
    expect(await linesOfRequest()).toEqual([]);
  });

  test('a file is logged as completed', async () => {
    const { status, bytes } = await download(filePath);
    expect([status, bytes.length]).toEqual([200, 360_000]);
    expect(await linesOfRequest()).toEqual([]);
  });
});

test.each([
  ['the head of an image', () => imagePath, 'HEAD'],
  ['a thumbnail', () => `${imagePath}?thumbnail`, 'GET'],
  ['the head of a file', () => filePath, 'HEAD'],
  ['an archive', () => `${batchPath}/archive.zip`, 'GET'],
  ['the head of an archive', () => `${batchPath}/archive.zip`, 'HEAD'],
  ['a manifest', () => `${batchPath}/manifest.csv`, 'GET'],
  ['the head of a manifest', () => `${batchPath}/manifest.csv`, 'HEAD'],
  ['an event stream that has ended', () => `${jobPath}/events`, 'GET'],
])('%s is logged as completed', async (_what, path, method) => {
  const { status } = await download(path(), { method });
  expect(status).toBe(200);
  expect(await linesOfRequest()).toEqual([]);
});

test.each([
  ['a response with images', {}],
  ['a stream with images', { stream: true }],
])('%s is logged as completed', async (_what, fields) => {
  const body = { prompt: 'A small boat', ...fields };
  const { status } = await download('/v1/images/generations', { method: 'POST', body });
  expect(status).toBe(200);
  expect(await linesOfRequest()).toEqual([]);
});
