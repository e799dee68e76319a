/**
 * BullMQ on Redis or Valkey: one server, Sentinels, or a cluster. All queues of a process share
 * three connections: one for producers, and two for consumers, of which one waits for news.
 */
import { QueueKeys, RedisConnection, RedisQueueBackend, type BackendFactory } from 'bullmq';
import { parseRedisUrl, redisUrlForms, type RedisAddress } from '../config/redis-url.ts';
import { withDeadline } from '../deadline.ts';
import { createBullmqEngine } from './bullmq-engine.ts';
import { checkRedis, readRedisMode } from './engine-checks.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { QueueName } from './catalogue.ts';
import type { Producer, QueueEngine } from './queue-engine.ts';
import {
  connectionError,
  openRedisClient,
  type ClientManner,
  type RedisClient,
} from './redis-clients.ts';
import { explainRedis, explainRefusal, readRefusal } from './explain-redis.ts';
import { announceNews, readNews } from './redis-news.ts';
import { createWakes, type Wakes } from './wakes.ts';

/** The probe of `ping` disappears after this time. */
const probeLifeMs = 60_000;
/** A client of a cluster would wait for ever for nodes that are all away. */
const answerLimitMs = 7_000;

export async function openOnRedis(
  settings: EngineSettings & { redisUrl: string },
): Promise<QueueEngine> {
  const { redisUrl, namespace = 'kiln', log, outages } = settings;
  const address = await findAddress(settings, redisUrl);
  // BullMQ's scripts need all keys in one slot of a cluster, which the braces see to.
  const prefix = address.kind === 'cluster' ? `{${namespace}}` : namespace;
  const clients: RedisClient[] = [];
  const closing = new AbortController();

  function open(manner: ClientManner): RedisClient {
    const client = openRedisClient(address, manner, outages);
    clients.push(client);
    return client;
  }

  const wakes = createWakes();
  const producers = open({ manner: 'fail_fast' });
  const producerBackend = createBackendFactory(producers, prefix);
  let consumers: { backend: BackendFactory; listen: () => void } | null = null;

  function openConsumers(): NonNullable<typeof consumers> {
    const client = open({ manner: 'wait' });
    let reader: RedisClient | null = null;
    let wasReady = false;
    // The reader may be left on a server that is a replica now, where nothing is refused to it. It
    // follows the other connection to the new primary.
    client.on('ready', () => {
      if (wasReady) reader?.disconnect(true);
      wasReady = true;
    });
    return {
      backend: wakeAfterDelays(createBackendFactory(client, prefix), wakes),
      listen() {
        if (reader !== null) return;
        reader = open({ manner: 'wait', isBlocking: true });
        readNews({ client: reader, prefix, wakes, closing: closing.signal, outages });
      },
    };
  }

  const engine = createBullmqEngine({
    ...settings,
    name: 'redis',
    producerBackend,
    consumerBackend: (...parts) => (consumers ??= openConsumers()).backend(...parts),
    prefix,
    wakes,
    announce: (queue) => announceNews(producers, prefix, queue),
    listen: () => (consumers ??= openConsumers()).listen(),
    check: () =>
      answeredAtStart(address, producers, () => checkRedis(producers, `${prefix}:ready`, log)),
    // A write, because a replica answers every read.
    ping: async () => {
      await answered(producers, () => producers.set(`${prefix}:ready`, '1', 'PX', probeLifeMs));
    },
    disconnect: () => {
      closing.abort();
      for (const client of clients) client.disconnect();
      return Promise.resolve();
    },
  });
  return {
    ...engine,
    producer: (kind, queue) => failInTime(producers, engine.producer(kind, queue)),
  };
}

function failInTime<Q extends QueueName>(client: RedisClient, producer: Producer<Q>): Producer<Q> {
  return {
    add: (items) => answered(client, () => producer.add(items)),
    heldIds: () => answered(client, () => producer.heldIds()),
    heldRepetitions: () => answered(client, () => producer.heldRepetitions()),
    repeat: (...repetition) => answered(client, () => producer.repeat(...repetition)),
    close: () => producer.close(),
  };
}

/** Throws one sentence when Redis refuses, cannot be reached or does not answer within seconds. */
async function answered<T>(client: RedisClient, action: () => Promise<T>): Promise<T> {
  const outcome = await withDeadline(answerLimitMs, action).catch((error: unknown) => {
    throw explainRedis(error, connectionError(client));
  });
  if (outcome.status === 'late') throw explainRedis(null, connectionError(client));
  return outcome.value;
}

/**
 * Like `answered`, but fails as soon as Redis refuses a connection: at the start the settings are
 * wrong, and waiting would not help. Finding out about another failure takes up to a second.
 */
async function answeredAtStart<T>(
  address: RedisAddress,
  client: RedisClient,
  action: () => Promise<T>,
): Promise<T> {
  const refused = Promise.withResolvers<never>();
  const listener = (error: Error): void => {
    const refusal = explainRefusal(error);
    if (refusal !== null) refused.reject(refusal);
  };
  client.on('error', listener);
  try {
    return await Promise.race([answered(client, action), refused.promise]);
  } catch (error) {
    throw (await readRefusal(address)) ?? error;
  } finally {
    client.off('error', listener);
  }
}

/** Recognises a server that belongs to a cluster, whose URL does not say so. */
async function findAddress({ outages }: EngineSettings, redisUrl: string): Promise<RedisAddress> {
  const address = parseRedisUrl(redisUrl);
  if (address === null) throw new Error(`REDIS_URL has none of the forms ${redisUrlForms}`);
  if (address.kind !== 'server') return address;
  const client = openRedisClient(address, { manner: 'fail_fast' }, outages);
  try {
    const mode = await answeredAtStart(address, client, () => readRedisMode(client));
    if (mode === 'sentinel')
      throw new Error(
        'the server at REDIS_URL is a Sentinel: write ' +
          'redis-sentinel://<host>:26379,<host>:26379/<name of the primary>',
      );
    return mode === 'cluster' ? toCluster(new URL(redisUrl)) : address;
  } finally {
    client.disconnect();
  }
}

function toCluster(url: URL): RedisAddress {
  return {
    kind: 'cluster',
    hosts: [{ host: url.hostname, port: Number(url.port || 6_379) }],
    login: {
      username: url.username === '' ? null : decodeURIComponent(url.username),
      password: url.password === '' ? null : decodeURIComponent(url.password),
      database: 0,
      isTls: url.protocol === 'rediss:',
    },
  };
}

/**
 * A consumer that already waits must learn when an item of its own is due that it has delayed.
 * BullMQ's statements for PostgreSQL announce a delay like a new item.
 */
function wakeAfterDelays(
  createBackend: BackendFactory<RedisQueueBackend>,
  wakes: Wakes,
): BackendFactory {
  return (queue, ...options) => {
    const backend = createBackend(queue, ...options);
    const moveToDelayed = backend.moveToDelayed.bind(backend);
    backend.moveToDelayed = async (...item) => {
      await moveToDelayed(...item);
      wakes.wake(queue);
    };
    return backend;
  };
}

/** All queues use `client`; closing a queue leaves it open. */
function createBackendFactory(
  client: RedisClient,
  prefix: string,
): BackendFactory<RedisQueueBackend> {
  // The engine's own check has looked at the server's version.
  const connection = new RedisConnection(client, {
    shared: true,
    blocking: false,
    skipVersionCheck: true,
    skipWaitingForReady: true,
  });
  connection.on('error', () => undefined); // the client's own listener logs it
  const keys = new QueueKeys(prefix);
  return (queue, options) =>
    new RedisQueueBackend(
      connection,
      queue,
      keys.getKeys(queue),
      (type) => keys.toKey(queue, type),
      options,
      undefined,
      false,
    );
}
