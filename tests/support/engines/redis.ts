/** Redis for test files: a key prefix on the run's server, or a private server. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { atEndOfFile } from '../end-of-file.ts';
import { findRedisLauncher } from './redis-launcher.ts';
import { openRedisServer, type RedisOptions, withRedis } from './redis-server.ts';

/**
 * Says whether Redis is the imitation from npm, which keeps nothing over a restart; for
 * `test.skipIf`.
 */
export function isImitatedRedis(): boolean {
  return inject('engines').redisLauncher?.kind === 'javascript';
}

export interface TestRedis {
  url: string;
  /** The prefix of every key of the test. */
  prefix: string;
  /** Deletes the keys under the prefix. The end of the file does it in any case. */
  flush(): Promise<void>;
}

export function createTestRedis(): TestRedis {
  const { redisUrl } = inject('engines');
  const prefix = `kiln-test-${randomBytes(6).toString('hex')}`;
  const flush = (): Promise<void> =>
    withRedis(redisUrl, async (redis) => {
      for await (const keys of redis.scanStream({
        match: `${prefix}*`,
        count: 1000,
      }) as AsyncIterable<string[]>) {
        if (keys.length > 0) await redis.unlink(...keys);
      }
    });
  atEndOfFile(flush);
  return { url: redisUrl, prefix, flush };
}

export interface PrivateRedis {
  url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  flushall(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a server for tests that kill, restart or empty it. It stops at the end of the file in any
 * case.
 */
export async function startPrivateRedis(options?: RedisOptions): Promise<PrivateRedis> {
  const launcher = inject('engines').redisLauncher ?? (await findRedisLauncher());
  const server = await openRedisServer(launcher, options);
  atEndOfFile(() => server.remove());
  return {
    url: server.url,
    kill: () => server.kill(),
    restart: () => server.restart(),
    flushall: () => withRedis(server.url, async (redis) => void (await redis.flushall())),
    stop: () => server.remove(),
  };
}
