/**
 * Uploads while they arrive: how much memory they use, how long they may take, and how they fail.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createLogger } from '@kiln/shared/logger';
import { fileSchema } from '@kiln/shared/schemas/file';
import { StorageError, type ObjectStore } from '@kiln/shared/storage/object-store';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { createUploads } from '../../../../apps/api/src/requests/uploads.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { buildZip } from '../../../support/zip.ts';
import { nextTurn, waitFor } from '../../../support/wait-for.ts';
import {
  boundary,
  countLeft,
  field,
  filePart,
  openUpload,
  post,
  toBody,
  type RawPart,
} from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({
  engine: engineNamed('postgres'),
  workers: false,
  env: { KILN_MIN_FREE_BYTES: '1000' },
});
const batch = field('purpose', 'batch');
const mebibyte = 1024 * 1024;

interface OwnApi {
  app: FastifyInstance;
  url: string;
  /** The server's socket of the newest connection. */
  socket(): Socket;
}

/**
 * Starts a second API on the same records, with another store or database where the test needs it.
 */
async function startApi(
  watch: (store: ObjectStore, api: OwnApi) => Partial<ObjectStore> = () => ({}),
  db = kiln.deps.records.db,
): Promise<OwnApi> {
  let last: Socket | undefined;
  const api = {
    socket() {
      if (last === undefined) throw new Error('no client has connected yet');
      return last;
    },
  } as OwnApi;
  const { store, records } = kiln.deps;
  const deps = createApiDeps(
    { ...kiln.deps, records: { ...records, db }, store: { ...store, ...watch(store, api) } },
    new AbortController().signal,
  );
  api.app = await buildApp(deps, createLogger({ name: 'second', level: 'silent' }));
  onTestFinished(async () => {
    await api.app.close();
    await deps.close();
  });
  api.app.server.on('connection', (socket) => (last = socket));
  api.url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  return api;
}

test('an upload of 150 MB to a slow store never has more than 1 MiB in memory', async () => {
  let mostHeld = 0;
  const api = await startApi((store, { socket }) => ({
    put(key, bytes, options) {
      async function* slowly() {
        let taken = 0;
        let chunks = 0;
        for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
          mostHeld = Math.max(mostHeld, socket().bytesRead - taken);
          // Wait for a turn of the event loop, at times for several, in which the server would read
          // everything that the socket has.
          chunks += 1;
          for (let turns = chunks % 50 === 0 ? 20 : 1; turns > 0; turns -= 1) await nextTurn();
          yield chunk;
          taken += chunk.length;
        }
      }
      return store.put(key, slowly(), options);
    },
  }));
  const size = 150_000_000;
  const head = toBody([batch], false);
  const start = toBody([filePart('')], false).subarray(0, -2);
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  const client = openUpload(api, head.length + start.length + size + end.length);
  const answered = text(client);
  const chunk = Buffer.alloc(500_000, 0x61);
  client.write(Buffer.concat([head, start]));
  for (let sent = 0; sent < size; sent += chunk.length)
    if (!client.write(chunk)) await once(client, 'drain');
  client.write(end);
  client.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  expect(await answered).toMatch(/^HTTP\/1\.1 200 [^]*"bytes":150000000/);
  expect(mostHeld).toBeGreaterThan(0);
  expect(mostHeld).toBeLessThan(mebibyte);
});

test("an upload may take longer than Node's limit for a request", async () => {
  const begun = Promise.withResolvers<void>();
  const api = await startApi((store) => ({
    put(...given) {
      begun.resolve();
      return store.put(...given);
    },
  }));
  const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  const body = toBody([batch, filePart(Buffer.alloc(1_000_000))]);
  const client = openUpload(api, body.length);
  const answered = text(client);
  client.write(body.subarray(0, 600_000));
  await begun.promise;
  api.app.server.emit('clientError', late, api.socket());
  client.write(body.subarray(600_000));
  client.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await waitFor(() => Promise.resolve(api.socket().bytesWritten > 600), { what: 'both answers' });
  // The limit applies again to the next request on the same connection.
  api.app.server.emit('clientError', late, api.socket());
  expect(await answered).toMatch(
    /^HTTP\/1\.1 200 [^]*"bytes":1000000[^]*"status":"ok"[^]*HTTP\/1\.1 408 /,
  );
});

test('a store that is full or unreachable answers 503, and nothing stays stored', async () => {
  const before = await countLeft(kiln);
  const api = await startApi(() => ({
    async put(_key, bytes) {
      for await (const chunk of bytes as AsyncIterable<Uint8Array>)
        if (chunk.length > 0) throw new StorageError('storage_full', 'the disk is full');
      throw new Error('not reached');
    },
  }));
  const response = await post(api, toBody([batch, filePart(Buffer.alloc(5_000_000))]));
  expect(response.headers.get('retry-after')).toBe('5');
  expect(response.headers.get('x-should-retry')).toBeNull();
  expect(await readError(response)).toMatchObject({
    status: 503,
    type: 'server_error',
    code: 'storage_unavailable',
  });
  expect(await countLeft(kiln)).toEqual(before);
});

test('unpacking a zip ends when its caller hangs up, and nothing stays stored', async () => {
  const picture = await drawPicture('png');
  const pictures = Array.from({ length: 50 }, (_, n) => ({ name: `${n}.png`, content: picture }));
  const before = await countLeft(kiln);
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let puts = 0;
  const api = await startApi((store) => ({
    async put(...given) {
      puts += 1;
      // The first object is the zip, the second its first picture.
      if (puts === 2) begun.resolve();
      if (puts === 2) await goOn.promise;
      return store.put(...given);
    },
  }));
  const form = new FormData();
  form.append('files', new Blob([new Uint8Array(buildZip(pictures))]), 'pictures.zip');
  const caller = new AbortController();
  const sent = fetch(`${api.url}/v1/batches`, {
    method: 'POST',
    body: form,
    signal: caller.signal,
  });
  await begun.promise;
  caller.abort();
  await expect(sent).rejects.toThrow();
  if (!api.socket().destroyed) await once(api.socket(), 'close');
  goOn.resolve();
  await waitFor(async () => (await countLeft(kiln)).objects === before.objects, {
    what: 'the zip and its picture to be deleted',
  });
  expect(await countLeft(kiln)).toEqual(before);
  expect(puts).toBe(2);
});

describe('while the disk has less free space than uploads must leave', () => {
  test('every upload is refused; jobs without pictures are accepted', async () => {
    const full = await startKiln({
      engine: engineNamed('postgres'),
      workers: false,
      env: { KILN_MIN_FREE_BYTES: '1000000000000000' },
    });
    const picture = await drawPicture('png');
    const csv = 'prompt,image\nA cup,a.png\n';
    const table: RawPart = ['name="file"; filename="a.csv"', csv];
    const pictures = (bytes: Buffer, name: string): RawPart => [
      `name="files"; filename="${name}"`,
      bytes,
    ];
    const edit: RawPart[] = [field('prompt', 'A cup'), ['name="image"; filename="a.png"', picture]];
    const zip = buildZip([{ name: 'a.png', content: picture }]);
    const sendForm = (path: string, parts: RawPart[]) =>
      full.request(path, {
        method: 'POST',
        body: toBody(parts),
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      });
    const dataUrl = `data:image/png;base64,${picture.toString('base64')}`;
    const refused = [
      await post(full, toBody([batch, filePart('rows')])),
      await post(full, toBody([field('purpose', 'vision'), filePart(picture, 'a.png')])),
      await full.request('/v1/batches', {
        method: 'POST',
        body: csv,
        headers: { 'content-type': 'text/csv' },
      }),
      await sendForm('/v1/batches', [pictures(picture, 'a.png'), table]),
      await sendForm('/v1/batches', [pictures(zip, 'a.zip'), table]),
      await sendForm('/v1/batches/validate', [table]),
      await sendForm('/v1/images/edits', edit),
      await postJson(`${full.url}/v1/jobs`, { prompt: 'A', images: [{ image_url: dataUrl }] }),
    ];
    for (const response of refused) {
      expect(response.headers.get('x-should-retry')).toBe('false');
      const { status, code, message } = await readError(response);
      expect([status, code]).toEqual([507, 'insufficient_storage']);
      expect(message).toMatch(/has [\d,]+ free bytes, .* below 1,000,000,000,000,000 \(KILN_MIN_/);
    }
    expect(await countLeft(full)).toEqual({ files: 0, keys: 0, objects: 0 });
    expect(await full.submit()).toMatchObject({ status: 'queued' });
  });

  test('an upload is refused when the disk runs full while it arrives', async () => {
    const before = await countLeft(kiln);
    let checks = 0;
    const api = await startApi(() => ({
      freeBytes: () => Promise.resolve((checks += 1) < 3 ? 1_000 : 999),
    }));
    const response = await post(api, toBody([batch, filePart(Buffer.alloc(60_000_000))]));
    expect((await readError(response)).code).toBe('insufficient_storage');
    expect(await countLeft(kiln)).toEqual(before);
  });
});

describe('a database whose answers are lost while it inserts a file', () => {
  /** Executes the first `times` statements, but loses their answers. */
  function losing(times: number) {
    let left = times;
    return kiln.deps.records.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult({ result }) {
        left -= 1;
        if (left < 0) return Promise.resolve(result);
        return Promise.reject(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      },
    });
  }

  test.each([{}, { 'idempotency-key': 'cut once' }])(
    'the insert is repeated, and the file exists with its object: %o',
    async (headers) => {
      const api = await startApi(() => ({}), losing(1));
      const before = await countLeft(kiln);
      const response = await post(api, toBody([batch, filePart('rows')]), headers);
      expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([200, null]);
      const { id } = fileSchema.parse(await response.json());
      expect(await (await kiln.request(`/v1/files/${id}/content`)).text()).toBe('rows');
      expect(await countLeft(kiln)).toMatchObject({
        files: (before.files ?? 0) + 1,
        objects: before.objects + 1,
      });
    },
  );

  test('the object is kept if the answers stay lost, because the file may exist', async () => {
    const api = await startApi(() => ({}), losing(100));
    const before = await countLeft(kiln);
    const key = { 'idempotency-key': 'cut for good' };
    const body = toBody([batch, filePart('rows')]);
    expect(await readError(await post(api, body, key))).toMatchObject({
      status: 503,
      code: 'database_unavailable',
    });
    expect(await countLeft(kiln)).toMatchObject({ objects: before.objects + 1 });
    // The file existed, and repeating the request returns it.
    const again = await post(kiln, body, key);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const { id } = fileSchema.parse(await again.json());
    expect(await (await kiln.request(`/v1/files/${id}/content`)).text()).toBe('rows');
    expect(await countLeft(kiln)).toMatchObject({ objects: before.objects + 1 });
  });

  test('no file is left without its object when the file came with a batch', async () => {
    const api = await startApi(() => ({}), losing(100));
    const response = await fetch(`${api.url}/v1/batches`, {
      method: 'POST',
      body: 'prompt\nA cup\n',
      headers: { 'content-type': 'text/csv' },
    });
    expect(await readError(response)).toMatchObject({ status: 503, code: 'database_unavailable' });
    const { data } = (await (await kiln.request('/v1/files?purpose=batch')).json()) as {
      data: { id: string }[];
    };
    for (const { id } of data)
      expect((await kiln.request(`/v1/files/${id}/content`)).status).toBe(200);
  });
});

test('a refused upload whose object cannot be deleted still gets its refusal', async () => {
  const api = await startApi(() => ({
    delete: () => Promise.reject(new StorageError('storage_unavailable', 'away')),
  }));
  const response = await post(api, toBody([filePart('rows'), field('purpose', 'assistants')]));
  expect(await readError(response)).toMatchObject({ status: 400, param: 'purpose' });
});

test('an upload that stops arriving is refused, and so is one that takes too long', async () => {
  const stuck = new Promise<never>(() => undefined);
  const request = { raw: { socket: { bytesRead: 0 }, complete: true } } as never;
  for (const [limits, reason] of [
    [{ idleMs: 1, maxUploadMs: 60_000, lingerMs: 1, minProgressBytes: 1 }, /stopped: fewer than/],
    [{ idleMs: 60_000, maxUploadMs: 1, lingerMs: 1, minProgressBytes: 1 }, /took longer than 60/],
  ] as const) {
    const clock = createUploads(limits).begin(request);
    const arrival = clock.within(stuck);
    await expect(arrival).rejects.toMatchObject({ code: 'request_timeout' });
    await expect(arrival).rejects.toThrow(reason);
    clock.end();
  }
  const clock = createUploads().begin(request);
  expect(await clock.within(Promise.resolve('here'))).toBe('here');
  await expect(clock.within(Promise.reject(new Error('cut')))).rejects.toThrow('cut');
});

test('an upload that drips counts as idle, and one that makes progress does not', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const limits = { idleMs: 200, maxUploadMs: 60_000, lingerMs: 1, minProgressBytes: 10 };
  /** Lets bytes arrive every 100 ms, 20 times, and counts how often that was in time. */
  async function drip(bytes: number): Promise<number> {
    const socket = { bytesRead: 0 };
    const clock = createUploads(limits).begin({ raw: { socket, complete: true } } as never);
    for (let drops = 0; drops < 20; drops += 1) {
      const drop = Promise.withResolvers<void>();
      const arrived = clock.within(drop.promise).then(
        () => true,
        () => false,
      );
      await vi.advanceTimersByTimeAsync(100);
      socket.bytesRead += bytes;
      drop.resolve();
      if (!(await arrived)) return drops;
    }
    return 20;
  }
  expect(await drip(1)).toBeLessThan(3);
  expect(await drip(10)).toBe(20);
});
