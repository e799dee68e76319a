/** Opens the configured queue engine: BullMQ on Redis if `redisUrl` is set, else on PostgreSQL. */
import { createPostgresBackend, createRedisBackend, runMigrations } from 'bullmq';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import { createBullmqEngine, engineTiming, type EngineTiming } from './bullmq-engine.ts';
import { checkPostgresClock, checkRedis } from './engine-checks.ts';
import type { QueueEngine } from './queue-engine.ts';

export interface EngineOptions {
  databaseUrl: string;
  redisUrl: string | null;
  /** The namespace of BullMQ: a schema in PostgreSQL, a key prefix in Redis. */
  namespace?: string;
  /** Default: `engineTiming`. */
  timing?: EngineTiming;
  log: Logger;
}

export function openQueueEngine(options: EngineOptions): Promise<QueueEngine> {
  return options.redisUrl === null
    ? openOnPostgres(options)
    : openOnRedis({ ...options, redisUrl: options.redisUrl });
}

async function openOnPostgres({
  databaseUrl,
  namespace = 'bullmq',
  timing = engineTiming,
  log,
}: EngineOptions): Promise<QueueEngine> {
  const settings = {
    connectionString: databaseUrl,
    application_name: 'kiln-queue',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    // Longer than the time between two checks of an empty queue, so that they keep a connection.
    idleTimeoutMillis: 15_000,
    onConnect: prepareClient,
  };
  await withClient(databaseUrl, (client) => runMigrations(client, namespace));
  return createBullmqEngine({
    name: 'postgres',
    backend: createPostgresBackend,
    producers: { ...settings, max: 2, schema: namespace },
    workers: { ...settings, max: 8, schema: namespace },
    prefix: namespace,
    timing,
    log,
    check: () => withClient(databaseUrl, (client) => checkPostgresClock(client, log)),
    ping: () => withClient(databaseUrl, () => Promise.resolve()),
    disconnect: () => Promise.resolve(), // each queue and worker closes its own connections
  });
}

/**
 * The engine's writes do not wait for the disk, because its content is restored from the records.
 * What a crash of the server undoes was written a moment ago: the reconciler misses it within
 * seconds, or a claim finds it stale.
 */
function prepareClient(client: pg.ClientBase): void {
  // BullMQ's pools listen for errors of idle connections only. The error event of a busy connection
  // that is cut would end the process.
  ignoreErrorEvents(client);
  client.query('set synchronous_commit = off').catch(() => undefined);
}

async function withClient<T>(
  connectionString: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  ignoreErrorEvents(client);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The statements that fail on a cut connection report it. */
function ignoreErrorEvents(client: pg.ClientBase): void {
  client.on('error', () => undefined);
}

/**
 * Producers fail fast, so that clients get an answer while Redis is unavailable. Workers wait for
 * Redis as long as it takes.
 */
async function openOnRedis({
  redisUrl,
  namespace = 'kiln',
  timing = engineTiming,
  log,
}: EngineOptions & { redisUrl: string }): Promise<QueueEngine> {
  const { Redis } = await import('ioredis'); // costs memory, so it is loaded only here
  const producers = new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 5_000 });
  const workers = new Redis(redisUrl, { maxRetriesPerRequest: null });
  for (const connection of [producers, workers]) {
    connection.on('error', (err) => log.warn({ err }, 'a connection to Redis failed'));
  }
  return createBullmqEngine({
    name: 'redis',
    backend: createRedisBackend,
    producers,
    workers,
    prefix: namespace,
    timing,
    log,
    check: () => checkRedis(producers, log),
    ping: async () => {
      await producers.ping();
    },
    disconnect: () => {
      producers.disconnect();
      workers.disconnect();
      return Promise.resolve();
    },
  });
}
