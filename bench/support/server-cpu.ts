/**
 * The processor time of the servers that a benchmark uses: PostgreSQL with the processes of its
 * connections, and Redis.
 */
import { readFileSync } from 'node:fs';
import type { Pool } from 'pg';
import { withRedis } from '../../tests/support/engines/redis-server.ts';
import { readProcessTimes } from './process-cpu.ts';

export interface ServerCpu {
  postgresMs: number;
  redisMs: number;
}

export async function readServerCpu(database: Pool, redisUrl?: string): Promise<ServerCpu> {
  const { rows } = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const { parent } = readProcessTimes(rows[0]?.pid);
  const server = readProcessTimes(parent);
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .trim()
    .split(' ');
  return {
    // The server has the time of the connections that have ended; the others are read one by one.
    postgresMs: children.reduce(
      (sum, pid) => sum + readProcessTimes(Number(pid)).ownMs,
      server.ownMs + server.endedChildrenMs,
    ),
    redisMs: redisUrl === undefined ? 0 : await readRedisCpuMs(redisUrl),
  };
}

async function readRedisCpuMs(url: string): Promise<number> {
  const info = await withRedis(url, (redis) => redis.info('cpu'));
  return [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].reduce(
    (sum, [, seconds]) => sum + Number(seconds) * 1000,
    0,
  );
}
