/**
 * A process whose start fails closes everything that it has opened: the store, the database and the
 * queue engine. Each is reached through a proxy that counts open connections.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseConfig } from '@kiln/shared/config';
import { openDeps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import { expect, inject, test } from 'vitest';
import { atEndOfFile } from '../support/end-of-file.ts';
import { createTestDatabase } from '../support/engines/database.ts';
import { bucketInS3, useKeysOf } from '../support/stores/object-stores.ts';
import { withClient } from '../support/engines/postgres-server.ts';
import { withRedis } from '../support/engines/redis-server.ts';
import { startPrivateRedis } from '../support/engines/redis.ts';
import { startProxy, type Proxy } from '../support/network/proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const { s3 } = inject('engines').stores;

async function openProxy(targetUrl: string): Promise<Proxy> {
  const proxy = await startProxy(targetUrl);
  atEndOfFile(() => proxy.close());
  return proxy;
}

async function startProxies() {
  const redis = await startPrivateRedis();
  const { url } = await createTestDatabase();
  const proxies = {
    store: await openProxy(s3.url),
    database: await openProxy(url),
    redis: await openProxy(redis.url),
  };
  const environment = bucketInS3(s3).environment(proxies.store.url);
  useKeysOf(environment);
  const settings = {
    DATABASE_URL: proxies.database.url,
    REDIS_URL: proxies.redis.url,
    KILN_SIMULATOR_URL: 'http://127.0.0.1:1',
    ...environment,
  };
  const open = (changes: Record<string, string> = {}) =>
    openDeps({
      config: parseConfig({ ...settings, ...changes }),
      log,
      name: 'test',
      databaseConnections: 2,
      queueConnections: 4,
      statementTimeoutMs: 4_000,
    });
  const openConnections = () =>
    Object.entries(proxies).flatMap(([name, proxy]) => (proxy.openConnections() > 0 ? [name] : []));
  return { open, openConnections, redisUrl: redis.url, databaseUrl: url };
}

test('a start that the object store refuses leaves no connection to it open', async () => {
  const { open } = await startProxies();
  // It never closes an idle connection itself.
  const refusing = createServer({ keepAliveTimeout: 0 }, (_, response) =>
    response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
  ).listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  const proxy = await openProxy(`http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
  atEndOfFile(async () => void refusing.close());
  const { STORAGE_URL } = bucketInS3(s3).environment(proxy.url);
  await expect(open({ STORAGE_URL })).rejects.toThrow('is not allowed to do this with the bucket');
  await waitFor(() => proxy.openConnections() === 0, { what: 'its connections to be closed' });
});

test('a database that allows too few connections is refused in one sentence', async () => {
  const { open, openConnections, databaseUrl } = await startProxies();
  const database = new URL(databaseUrl).pathname.slice(1);
  const role = `few_${database}`;
  await withClient(databaseUrl, (client) =>
    client.query(`create role ${role} login connection limit 12;
      grant all on database ${database} to ${role}`),
  );
  const mine = new URL(databaseUrl);
  mine.username = role;
  try {
    await expect(open({ DATABASE_URL: mine.href })).rejects.toThrow(
      /allows Kiln 12 connections, and Kiln needs \d+: .*; alter role "few_\w+" connection limit/,
    );
    await waitFor(() => openConnections().length === 0, { what: 'every connection to be closed' });
  } finally {
    await withClient(databaseUrl, (client) =>
      client.query(`drop owned by ${role}; drop role ${role}`),
    );
  }
});

test('a start that the queue engine refuses closes engine, database and store', async () => {
  const { open, openConnections, redisUrl } = await startProxies();
  await withRedis(redisUrl, (client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
  await expect(open()).rejects.toThrow('maxmemory-policy allkeys-lru');
  await waitFor(() => openConnections().length === 0, { what: 'every connection to be closed' });
});

test('a process that has started closes every connection at its end', async () => {
  const { open, openConnections } = await startProxies();
  const deps = await open();
  expect(openConnections()).toEqual(['store', 'database', 'redis']);
  await deps.close();
  await waitFor(() => openConnections().length === 0, { what: 'every connection to be closed' });
});
