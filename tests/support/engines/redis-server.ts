/** A Redis server as a process or, where there is only Docker, as a container. */
import { Redis } from 'ioredis';
import { openRedisContainer } from './redis-container.ts';
import type { RedisLauncher } from './redis-launcher.ts';
import { freePort, type ServerCommand, startServer, temporaryFolder } from './server-process.ts';
import type { RedisServer } from './redis-server-handle.ts';

export interface RedisOptions {
  /** Keeps the data over a restart, as production does. */
  appendOnly?: boolean;
  /** Further flags, for a server that is started as a program. */
  flags?: readonly string[];
}

export async function openRedisServer(
  launcher: RedisLauncher,
  { appendOnly = false, flags: further = [] }: RedisOptions = {},
): Promise<RedisServer> {
  const flags = [
    '--save',
    '',
    '--appendonly',
    appendOnly ? 'yes' : 'no',
    '--maxmemory-policy',
    'noeviction',
    ...further,
  ];
  const port = await freePort();
  if (launcher.kind === 'docker') return openRedisContainer(port, flags);

  const folder = temporaryFolder('redis');
  const url = `redis://127.0.0.1:${port}`;
  const command: ServerCommand = {
    name: 'Redis',
    ...(launcher.kind === 'javascript'
      ? { file: process.execPath, args: [launcher.file, '--port', String(port)] }
      : {
          file: launcher.file,
          argv0: 'redis-server',
          args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, ...flags],
        }),
    stopSignal: 'SIGKILL',
    probe: () => readRedisVersion(url).then(() => undefined),
  };
  let server = await startServer(command);
  return {
    url,
    kill: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGKILL');
      server = await startServer(command);
    },
    remove: async () => {
      await server.end('SIGKILL');
      folder.remove();
    },
  };
}

/** Returns, for example, `Redis 7.0.15` or `Valkey 8.1.0`. */
export async function readRedisVersion(url: string): Promise<string> {
  return withRedis(url, async (redis) => {
    const info = await redis.info('server');
    const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
    return valkey === undefined
      ? `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? '?'}`
      : `Valkey ${valkey}`;
  });
}

/** Opens a client for one use. It fails at once where the application's clients would retry. */
export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // Without a listener ioredis prints every refused connection, which the failed call reports
  // anyway.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
