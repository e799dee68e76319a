/**
 * Opens clients of ioredis for one server, for Sentinels or for a cluster, so that they come back
 * by themselves after a failover.
 *
 * When the primary becomes a replica, connections may stay open, and every write is refused on them
 * for ever. So each answer that says "I am not the primary (any more)" makes the client connect
 * again: the address may lead to another server by now.
 */
import { Cluster, Redis, type ClusterOptions } from 'ioredis';
import type { RedisAddress, RedisLogin } from '../config/redis-url.ts';
import type { WarningLog } from '../logger.ts';

export type RedisClient = Redis | Cluster;

/** How a client behaves while Redis is away. */
export interface ClientManner {
  /** Commands fail within seconds (`fail_fast`), or wait for Redis as long as it takes. */
  manner: 'fail_fast' | 'wait';
  /** Commands may be silent for long: they block until there is news. */
  isBlocking?: boolean;
}

const reconnectMs = 500;
const connectLimitMs = 5_000;
const commandLimitMs = 5_000;
/** A connection that has been silent for this long while a command waits is closed. */
const silenceLimitMs = 5_000;
const keepAliveMs = 10_000;
/** What `reconnectOnError` of ioredis makes of the refused command, after connecting again. */
const failCommand = 1;
const sendAgain = 2;
/** How often a client of a cluster asks again for the primary of a slot, `reconnectMs` apart. */
const redirections = { fail_fast: 8, wait: 60 };

/**
 * `READONLY`: the server is a replica now. `MASTERDOWN`: a replica without its primary. `LOADING`:
 * it reads its data again, as after becoming a replica. `UNBLOCKED`: a command was waiting when the
 * server became a replica. Scripts report the first ones inside of a longer message.
 */
const notPrimary = /(^|[\s-])(READONLY|MASTERDOWN|LOADING|UNBLOCKED)\s/;

export function isNotPrimary(error: Error): boolean {
  return notPrimary.test(error.message);
}

export function openRedisClient(
  address: RedisAddress,
  behaviour: ClientManner,
  outages: WarningLog,
): RedisClient {
  const client = open(address, behaviour);
  client.on('error', (err: Error) => {
    lastErrors.set(client, err);
    outages.warn({ err }, 'a connection to Redis failed');
  });
  client.on('ready', () => lastErrors.delete(client));
  return client;
}

/** Why the client cannot connect; null while it is connected, or where Redis says nothing. */
export function connectionError(client: RedisClient): Error | null {
  return lastErrors.get(client) ?? null;
}

const lastErrors = new WeakMap<RedisClient, Error>();

function open(address: RedisAddress, behaviour: ClientManner): RedisClient {
  const options = optionsOf(behaviour);
  switch (address.kind) {
    case 'server':
      return new Redis(address.url, options);
    case 'sentinel':
      return new Redis({
        ...options,
        ...loginOptions(address.login),
        db: address.login.database,
        sentinels: address.hosts,
        name: address.primary,
        ...(address.sentinelPassword !== null && { sentinelPassword: address.sentinelPassword }),
        ...(address.login.isTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
        sentinelRetryStrategy: () => reconnectMs,
        // Sentinels tell the client of a failover, so that it leaves an idle connection as well.
        failoverDetector: true,
      });
    case 'cluster':
      return new Cluster(address.hosts, {
        redisOptions: { ...options, ...loginOptions(address.login) },
        clusterRetryStrategy: () => reconnectMs,
        slotsRefreshTimeout: connectLimitMs,
        maxRedirections: redirections[behaviour.manner],
        retryDelayOnFailover: reconnectMs,
        retryDelayOnClusterDown: reconnectMs,
        // A certificate is for the name that the cluster announces, not for its address.
        ...(address.login.isTls && { dnsLookup: keepName }),
      });
  }
}

function optionsOf({ manner, isBlocking = false }: ClientManner) {
  // A refused command has changed nothing, so it may be sent again.
  const afterReconnect = manner === 'wait' && !isBlocking ? sendAgain : failCommand;
  return {
    maxRetriesPerRequest: manner === 'fail_fast' ? 1 : null,
    connectTimeout: connectLimitMs,
    retryStrategy: () => reconnectMs,
    reconnectOnError: (error: Error) => isNotPrimary(error) && afterReconnect,
    keepAlive: keepAliveMs,
    ...(manner === 'fail_fast' && { commandTimeout: commandLimitMs }),
    ...(!isBlocking && { socketTimeout: silenceLimitMs }),
  };
}

function loginOptions({ username, password, isTls }: RedisLogin) {
  return {
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(isTls && { tls: {} }),
  };
}

const keepName: NonNullable<ClusterOptions['dnsLookup']> = (name, done) => done(null, name);
