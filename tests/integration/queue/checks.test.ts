/** What a process refuses at its start, and engines that are unavailable. */
import { catalogue, imagesQueueOf, workItemId } from '@kiln/shared/queue/catalogue';
import { createLogger } from '@kiln/shared/logger';
import { openQueueEngine } from '@kiln/shared/queue/open-queue-engine';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { checkProcessors } from '../../../apps/worker/src/processor.ts';
import { createTestDatabase } from '../../support/engines/database.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { startProxy } from '../../support/network/proxy.ts';
import { withRedis } from '../../support/engines/redis-server.ts';
import { startPrivateRedis } from '../../support/engines/redis.ts';
import { freePort } from '../../support/engines/server-process.ts';
import { log } from '../records/support.ts';

describe('a Redis', () => {
  test('that may drop work is refused, and the error says what to change', async () => {
    const redis = await startPrivateRedis();
    await withRedis(redis.url, (client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    const { url: databaseUrl } = await createTestDatabase();
    const engine = await openQueueEngine({ databaseUrl, redisUrl: redis.url, log });
    atEndOfFile(() => engine.close());
    await expect(engine.check()).rejects.toThrow(
      'maxmemory-policy allkeys-lru, under which it may drop work: set it to noeviction',
    );
    await withRedis(redis.url, (client) => client.config('SET', 'maxmemory-policy', 'noeviction'));
    await engine.check();
  });

  test('that is unavailable makes producers fail fast, and work again later', async () => {
    const redis = await startPrivateRedis();
    const { url: databaseUrl } = await createTestDatabase();
    const engine = await openQueueEngine({ databaseUrl, redisUrl: redis.url, log });
    const producer = engine.producer('images', 'images-default');
    const item = { id: 'a', payload: { jobId: 'a', dispatchNo: 1, requestId: 'r' } };
    await producer.add([item]);
    await redis.kill();
    await expect(engine.ping()).rejects.toThrow();
    await expect(producer.add([item])).rejects.toThrow();
    await expect(producer.heldIds()).rejects.toThrow();
    await redis.restart();
    await engine.check();
    await producer.add([{ ...item, id: 'b' }]);
    expect(await producer.heldIds()).toEqual(new Set(['b']));
    await producer.close();
    await engine.close();
  });
});

describe('a Redis that refuses', () => {
  const password = 'S3CRET-wrong';

  async function startError(redisUrl: string): Promise<{ message: string; logged: string }> {
    let logged = '';
    const recording = createLogger({
      name: 'test',
      level: 'trace',
      to: { write: (line) => void (logged += line) },
    });
    const opening = openQueueEngine({ databaseUrl: '', redisUrl, log: recording }).then(
      async (engine) => {
        atEndOfFile(() => engine.close());
        await engine.check();
      },
    );
    const error: unknown = await opening.then(
      () => null,
      (reason: unknown) => reason,
    );
    return { message: error instanceof Error ? error.message : 'it started', logged };
  }

  test('says why, and what to change; no message and no log line has the password', async () => {
    const redis = await startPrivateRedis();
    await withRedis(redis.url, async (client) => {
      await client.call('ACL', 'SETUSER', 'limited', 'on', '>S3CRET', '+ping', '+client');
      await client.config('SET', 'requirepass', 'S3CRET-right');
    });
    const { port } = new URL(redis.url);
    const refusals = [
      ['', 'asks for a password: put it in REDIS_URL'],
      [`:${password}@`, 'refuses the password: check the user and the password'],
      [`stranger:${password}@`, 'refuses the password: check the user and the password'],
      ['limited:S3CRET@', 'does not allow its user what Kiln needs'],
    ] as const;
    const starts = refusals.flatMap(([login, expected]) =>
      ['redis', 'redis-cluster'].map(async (scheme) => {
        const { message, logged } = await startError(`${scheme}://${login}127.0.0.1:${port}`);
        expect(`${scheme}://${login} ${message}`).toContain(` Redis at REDIS_URL ${expected}`);
        expect(`${message}${logged}`).not.toContain('S3CRET');
      }),
    );
    await Promise.all(starts);
  });

  test('because it is in protected mode, says so', async () => {
    const closed = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .end(
          '-DENIED Redis is running in protected mode because protected mode is enabled and no ' +
            'password is set for the default user.\r\n',
        ),
    ).listen(0, '127.0.0.1');
    await once(closed, 'listening');
    atEndOfFile(async () => void closed.close());
    const { message } = await startError(
      `redis://127.0.0.1:${(closed.address() as AddressInfo).port}`,
    );
    expect(message).toContain('Redis at REDIS_URL is in protected mode');
  });
});

test.each([
  ['nothing listens', async () => `127.0.0.1:${await freePort()}`, 'ECONNREFUSED'],
  ['there is no such host', async () => 'nowhere.invalid:6379', 'nowhere.invalid'],
])('where %s, the start says that Redis cannot be reached', async (_what, findHost, why) => {
  const opening = openQueueEngine({
    databaseUrl: '',
    redisUrl: `redis://${await findHost()}`,
    log,
  });
  await expect(opening).rejects.toThrow(
    new RegExp(`^Redis at REDIS_URL cannot be reached: .*${why}`),
  );
});

// Each waits for the end of a time limit, so they wait together.
describe.concurrent('a Redis that does not answer', () => {
  test.each([
    ['redis://', 'a silent server', ''],
    ['redis-sentinel://', 'a silent Sentinel', '/kiln'],
    ['redis-cluster://', 'silent nodes of a cluster', ''],
  ])('%s: %s makes the start fail in one sentence', async (scheme, _what, path) => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    atEndOfFile(async () => void silent.close());
    const redisUrl = `${scheme}127.0.0.1:${(silent.address() as AddressInfo).port}${path}`;
    const opening = openQueueEngine({ databaseUrl: '', redisUrl, log }).then(async (engine) => {
      atEndOfFile(() => engine.close());
      await engine.check();
    });
    await expect(opening).rejects.toThrow('Redis at REDIS_URL does not answer');
  });

  test('makes producers of a cluster fail within seconds', async () => {
    const redisUrl = `redis-cluster://127.0.0.1:${await freePort()}`;
    const engine = await openQueueEngine({ databaseUrl: '', redisUrl, log });
    atEndOfFile(() => engine.close());
    const producer = engine.producer('images', 'images-default');
    const item = { id: 'a', payload: { jobId: 'a', dispatchNo: 1, requestId: 'r' } };
    const asked = [producer.add([item]), producer.heldIds(), engine.ping()];
    for (const outcome of await Promise.allSettled(asked)) expect(outcome.status).toBe('rejected');
  });
});

test('a queue that is opened while PostgreSQL is unavailable works later', async () => {
  const { url } = await createTestDatabase();
  const proxy = await startProxy(url);
  atEndOfFile(() => proxy.close());
  const engine = await openQueueEngine({ databaseUrl: proxy.url, redisUrl: null, log });
  const producer = engine.producer('images', 'images-default');
  const item = { id: 'a', payload: { jobId: 'a', dispatchNo: 1, requestId: 'r' } };
  proxy.set({ kind: 'refuse' });
  await expect(Promise.all([producer.add([item]), producer.heldIds()])).rejects.toThrow();
  proxy.set({ kind: 'pass' });
  await producer.add([item]);
  expect(await producer.heldIds()).toEqual(new Set(['a']));
  await producer.close();
  await engine.close();
});

test('a kind of queue without a processor, or with two, is refused', () => {
  const kinds = Object.keys(catalogue);
  const complete = kinds.map((kind) => ({ kind }));
  expect(() => checkProcessors(complete, kinds)).not.toThrow();
  expect(() => checkProcessors(complete.slice(1), kinds)).toThrow(
    `the queue "${kinds[0]}" has no processor`,
  );
  expect(() => checkProcessors([...complete, { kind: kinds[0]! }], kinds)).toThrow(
    `the queue "${kinds[0]}" has 2 processors`,
  );
});

test('payloads carry ids only; other fields are dropped', () => {
  const payload = catalogue.images.payload.parse({
    jobId: 'j',
    dispatchNo: 1,
    requestId: 'r',
    prompt: 'a secret',
  });
  expect(payload).toEqual({ jobId: 'j', dispatchNo: 1, requestId: 'r' });
  expect(() => catalogue.images.payload.parse({ jobId: 'j', requestId: 'r' })).toThrow();
  expect(() => catalogue.maintenance.payload.parse({ task: 'drop_tables' })).toThrow();
});

test('a dispatch has one id, and a pool has one queue', () => {
  expect(workItemId({ id: 'job_1', dispatchNo: 2 })).toBe('job_1-2');
  expect(imagesQueueOf('eu')).toBe('images-eu');
});
