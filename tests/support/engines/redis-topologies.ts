/**
 * Redis servers that can fail over: a primary with a replica behind a relay, the same under a
 * Sentinel, and a cluster. Each needs a real Redis program, which Debian's redis-tools installs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { atEndOfFile } from '../end-of-file.ts';
import { startProxy } from '../network/proxy.ts';
import { waitFor } from '../wait-for.ts';
import type { RedisLauncher } from './redis-launcher.ts';
import type { RedisServer } from './redis-server-handle.ts';
import { openRedisServer, withRedis } from './redis-server.ts';
import { freePort, startServer, temporaryFolder } from './server-process.ts';

export interface RedisTopology {
  /** A value of `REDIS_URL`. */
  url: string;
  /**
   * Makes the replica the primary and the primary its replica.
   * @param meanwhile runs while the URL still leads to the old primary, where that can be arranged
   */
  failOver(meanwhile?: () => Promise<void>): Promise<void>;
}

export const topologies = {
  'a relay in front of a primary and its replica': openRelayed,
  'a Sentinel': openWatched,
  'a cluster': openCluster,
} satisfies Record<string, (launcher: RedisLauncher) => Promise<RedisTopology>>;

const ask = (server: RedisServer, ...command: [string, ...string[]]): Promise<unknown> =>
  withRedis(server.url, (redis: Redis) => redis.call(...command));

async function waitForInfo(server: RedisServer, line: string): Promise<void> {
  await waitFor(async () => String(await ask(server, 'INFO')).includes(line), {
    what: `${server.url} to say ${line}`,
  });
}

async function openServer(launcher: RedisLauncher, flags: string[] = []): Promise<RedisServer> {
  // Without the delay, a replica is in step with its primary five seconds sooner.
  const server = await openRedisServer(launcher, {
    flags: ['--repl-diskless-sync-delay', '0', ...flags],
  });
  atEndOfFile(() => server.remove());
  return server;
}

function addressOf({ url }: RedisServer): [host: string, port: string] {
  const { hostname, port } = new URL(url);
  return [hostname, port];
}

async function openPair(launcher: RedisLauncher): Promise<[RedisServer, RedisServer]> {
  const [primary, replica] = await Promise.all([openServer(launcher), openServer(launcher)]);
  await ask(replica, 'REPLICAOF', ...addressOf(primary));
  await waitForInfo(replica, 'master_link_status:up');
  return [primary, replica];
}

/** The relay leads new connections to the new primary; the open ones stay with the old one. */
async function openRelayed(launcher: RedisLauncher): Promise<RedisTopology> {
  let [primary, replica] = await openPair(launcher);
  const relay = await startProxy(primary.url);
  atEndOfFile(() => relay.close());
  return {
    url: relay.url,
    async failOver(meanwhile) {
      await ask(replica, 'REPLICAOF', 'NO', 'ONE');
      await ask(primary, 'REPLICAOF', ...addressOf(replica));
      await meanwhile?.();
      relay.leadTo(replica.url);
      [primary, replica] = [replica, primary];
    },
  };
}

async function openWatched(launcher: RedisLauncher): Promise<RedisTopology> {
  const [primary, replica] = await openPair(launcher);
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const folder = temporaryFolder('sentinel');
  const file = join(folder.path, 'sentinel.conf');
  writeFileSync(
    file,
    [
      `port ${port}`,
      `dir ${folder.path}`,
      `sentinel monitor kiln ${addressOf(primary).join(' ')} 1`,
      'sentinel down-after-milliseconds kiln 1000',
      'sentinel failover-timeout kiln 5000',
    ].join('\n'),
  );
  const program = launcher.kind === 'server' ? launcher.file : 'redis-server';
  const sentinel = await startServer({
    name: 'Sentinel',
    file: program,
    argv0: 'redis-sentinel',
    args: [file],
    stopSignal: 'SIGKILL',
    probe: () => withRedis(url, async (redis) => void (await redis.ping())),
  });
  atEndOfFile(async () => {
    await sentinel.end('SIGKILL');
    folder.remove();
  });
  const askSentinel = (...command: [string, ...string[]]): Promise<unknown> =>
    withRedis(url, (redis) => redis.call(...command));
  await waitFor(
    async () =>
      String(await askSentinel('SENTINEL', 'REPLICAS', 'kiln')).includes(addressOf(replica)[1]),
    { what: 'the Sentinel to know the replica' },
  );
  return {
    url: `redis-sentinel://127.0.0.1:${port}/kiln`,
    async failOver() {
      const before = String(await askSentinel('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'kiln'));
      await waitFor(async () => (await askSentinel('SENTINEL', 'FAILOVER', 'kiln')) === 'OK', {
        what: 'the Sentinel to begin a failover',
      });
      await waitFor(
        async () =>
          String(await askSentinel('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'kiln')) !== before,
        { what: 'the Sentinel to name another primary' },
      );
    },
  };
}

/** One primary with all slots, and its replica. */
async function openCluster(launcher: RedisLauncher): Promise<RedisTopology> {
  const flags = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  let [primary, replica] = await Promise.all([
    openServer(launcher, flags),
    openServer(launcher, flags),
  ]);
  await ask(primary, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await ask(replica, 'CLUSTER', 'MEET', ...addressOf(primary));
  const id = String(await ask(primary, 'CLUSTER', 'MYID'));
  await waitFor(async () => (await ask(replica, 'CLUSTER', 'REPLICATE', id)) === 'OK', {
    what: 'the nodes to know each other',
  });
  await waitForInfo(replica, 'master_link_status:up');
  await waitFor(
    async () => String(await ask(primary, 'CLUSTER', 'INFO')).includes('cluster_state:ok'),
    { what: 'the cluster to be complete' },
  );
  return {
    // An address of one node, which says itself that it belongs to a cluster.
    url: primary.url,
    async failOver() {
      await waitForInfo(replica, 'master_link_status:up');
      await ask(replica, 'CLUSTER', 'FAILOVER', 'TAKEOVER');
      await waitForInfo(replica, 'role:master');
      [primary, replica] = [replica, primary];
    },
  };
}
