/** The helpers that every other test of this tier stands on. */
import { describe, expect, test } from 'vitest';
import { createTestDatabase, startPrivatePostgres } from '../support/engines/database.ts';
import { engines } from '../support/engines/engines.ts';
import { withClient } from '../support/engines/postgres-server.ts';
import { withRedis } from '../support/engines/redis-server.ts';
import { createTestRedis, isImitatedRedis, startPrivateRedis } from '../support/engines/redis.ts';
import { waitFor } from '../support/wait-for.ts';

describe.each(engines)('the engine $name', ({ name, open }) => {
  test('opens and answers', async () => {
    const engine = await open();
    expect(
      await withClient(engine.databaseUrl, (client) => client.query('SELECT 1 AS one')),
    ).toMatchObject({
      rows: [{ one: 1 }],
    });
    expect(engine.redisUrl === null).toBe(name === 'postgres');
    if (engine.redisUrl !== null) {
      expect(await withRedis(engine.redisUrl, (redis) => redis.ping())).toBe('PONG');
    }
    await engine.close();
  });
});

test('a test database is empty and separate from others, and can be dropped', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await withClient(first.url, (client) => client.query('CREATE TABLE only_here ()'));
  const found = await withClient(second.url, (client) =>
    client.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`),
  );
  expect(found.rowCount).toBe(0);

  await first.drop();
  await expect(withClient(first.url, (client) => client.query('SELECT 1'))).rejects.toThrow(
    'does not exist',
  );
});

test('flush deletes the keys under the prefix and no others', async () => {
  const [mine, other] = [createTestRedis(), createTestRedis()];
  await withRedis(mine.url, async (redis) => {
    await redis.mset({
      [`${mine.prefix}:a`]: '1',
      [`${mine.prefix}:b`]: '2',
      [`${other.prefix}:a`]: '3',
    });
    await mine.flush();
    expect(await redis.exists(`${mine.prefix}:a`, `${mine.prefix}:b`)).toBe(0);
    expect(await redis.exists(`${other.prefix}:a`)).toBe(1);
  });
});

test('a private Redis dies when killed and comes back empty', async () => {
  const server = await startPrivateRedis();
  await withRedis(server.url, (redis) => redis.set('key', 'value'));
  await server.kill();
  await expect(withRedis(server.url, (redis) => redis.ping())).rejects.toThrow();
  await server.restart();
  expect(await withRedis(server.url, (redis) => redis.get('key'))).toBeNull();
  await server.stop();
});

test.skipIf(isImitatedRedis())(
  'a private Redis with an append-only file keeps its data over a restart',
  async () => {
    const server = await startPrivateRedis({ appendOnly: true });
    await withRedis(server.url, (redis) => redis.set('key', 'value'));
    await server.kill();
    await server.restart();
    expect(await withRedis(server.url, (redis) => redis.get('key'))).toBe('value');
    await server.flushall();
    expect(await withRedis(server.url, (redis) => redis.dbsize())).toBe(0);
  },
);

test('a private Redis never evicts keys, as production requires', async () => {
  const server = await startPrivateRedis();
  expect(await withRedis(server.url, (redis) => redis.config('GET', 'maxmemory-policy'))).toEqual([
    'maxmemory-policy',
    'noeviction',
  ]);
});

test('a private PostgreSQL keeps what was committed over an immediate stop', async () => {
  const server = await startPrivatePostgres();
  await withClient(server.url, (client) => client.query('CREATE TABLE kept AS SELECT 1 AS one'));
  await server.stop('immediate');
  await expect(withClient(server.url, (client) => client.query('SELECT 1'))).rejects.toThrow();
  await server.start();
  const kept = await withClient(server.url, (client) => client.query('SELECT one FROM kept'));
  expect(kept.rows).toEqual([{ one: 1 }]);
});

test('a wait that fails names what it waited for', async () => {
  await expect(waitFor(() => false, { timeoutMs: 1, what: 'rain' })).rejects.toThrow(
    'Waited in vain for rain (1 ms).',
  );
});
