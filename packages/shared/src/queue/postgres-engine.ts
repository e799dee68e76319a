/**
 * BullMQ on PostgreSQL: one pool of connections for all queues of the process, and one connection
 * that listens for new items of any queue.
 */
import {
  PostgresConnection,
  PostgresQueueBackend,
  runMigrations,
  type BackendFactory,
} from 'bullmq';
import pg from 'pg';
import { createBullmqEngine } from './bullmq-engine.ts';
import { checkPostgresClock } from './engine-checks.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { QueueEngine } from './queue-engine.ts';
import { createWakes } from './wakes.ts';

/** The channel on which BullMQ announces new items; the payload is the queue. */
const channel = 'bullmq_jobs';
const relistenMs = 1_000;

export async function openOnPostgres(settings: EngineSettings): Promise<QueueEngine> {
  const { databaseUrl, namespace = 'bullmq', connections, log, outages } = settings;
  await withClient(databaseUrl, (client) => runMigrations(client, namespace));
  const connection = new PostgresConnection({
    connectionString: databaseUrl,
    schema: namespace,
    application_name: 'kiln-queue',
    max: connections,
    min: 1,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 15_000,
    // A connection that has gone silent must not hold a queue for ever.
    query_timeout: 30_000,
    onConnect: prepareClient,
  });
  connection.on('error', (err) => outages.warn({ err }, 'a connection of the queues was lost'));
  const wakes = createWakes();
  let isClosed = false;

  /** The connection makes a new client after the last one was lost. */
  async function listen(): Promise<void> {
    try {
      const client = await connection.getListenClient();
      client.on('notification', (message) => {
        if (message.channel === channel) wakes.wake(message.payload ?? '');
      });
      await client.query(`listen ${channel}`);
      wakes.wakeAll();
    } catch (err) {
      if (isClosed) return;
      outages.warn({ err }, 'the queues cannot be listened to');
      setTimeout(() => void listen(), relistenMs).unref();
    }
  }

  const startListening = once(() => {
    connection.on('listenerinvalidated', () => void listen());
    void listen();
  });
  const backend: BackendFactory = (queue, options) =>
    new PostgresQueueBackend(connection, queue, options as never, false);
  const engine = createBullmqEngine({
    ...settings,
    name: 'postgres',
    producerBackend: backend,
    consumerBackend: backend,
    prefix: namespace,
    log,
    wakes,
    announce: () => Promise.resolve(), // BullMQ's statements do it
    listen: startListening,
    check: () => checkPostgresClock(connection, log),
    ping: async () => {
      await connection.pool.query('select 1');
    },
    disconnect: async () => {
      isClosed = true;
      await connection.close();
    },
  });
  try {
    // BullMQ remembers a failure of this for good, so it must succeed before a queue is opened.
    await connection.waitUntilReady();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
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
