/** Checks at the start of a process that BullMQ can keep its promises on this engine. */
import type { PostgresConnection } from 'bullmq';
import type { Logger } from '../logger.ts';
import { isNotPrimary, type RedisClient } from './redis-clients.ts';

const oldestRedis = [6, 2] as const;
/**
 * Workers date delays and locks by their own clocks. A difference of a second does no harm; one of
 * half a minute does.
 */
const clockToleratedMs = 1_000;
const clockRefusedMs = 30_000;
const probeLifeMs = 60_000;

/** Compares the engine's clock with ours, which was read before and after it. */
function checkClock(
  reading: { engine: string; engineMs: number; beforeMs: number; afterMs: number },
  log: Logger,
): void {
  const differenceMs = Math.round(
    Math.max(reading.engineMs - reading.afterMs, reading.beforeMs - reading.engineMs, 0),
  );
  if (differenceMs > clockRefusedMs) {
    throw new Error(
      `the clocks of this machine and of ${reading.engine} differ by ${differenceMs / 1000} s; ` +
        'synchronise them (NTP) and start again',
    );
  }
  if (differenceMs > clockToleratedMs)
    log.warn(
      { engine: reading.engine, differenceMs },
      'the clocks of this machine and of the queue engine differ; synchronise them (NTP)',
    );
}

export async function checkPostgresClock(
  { pool }: Pick<PostgresConnection, 'pool'>,
  log: Logger,
): Promise<void> {
  const beforeMs = Date.now();
  const { rows } = await pool.query<{ now_ms: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms',
  );
  checkClock(
    { engine: 'PostgreSQL', engineMs: rows[0]?.now_ms ?? 0, beforeMs, afterMs: Date.now() },
    log,
  );
}

/** `standalone`, `sentinel` or `cluster`; a server that does not say counts as standalone. */
export async function readRedisMode(redis: RedisClient): Promise<string> {
  return /redis_mode:(\w+)/.exec(await redis.info('server'))?.[1] ?? 'standalone';
}

/** @param probe a key that may be written */
export async function checkRedis(redis: RedisClient, probe: string, log: Logger): Promise<void> {
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldestRedis[0] || (major === oldestRedis[0] && minor < oldestRedis[1])) {
    throw new Error(
      `Redis ${version} at REDIS_URL is too old: BullMQ needs ${oldestRedis.join('.')} or ` +
        'newer, or Valkey',
    );
  }
  const policy = await readEvictionPolicy(redis);
  if (policy === null) {
    log.warn(
      'this Redis does not allow CONFIG GET: make sure that its maxmemory-policy is noeviction',
    );
  } else if (policy !== 'noeviction') {
    throw new Error(
      `Redis at REDIS_URL has maxmemory-policy ${policy}, under which it may drop work: set it ` +
        'to noeviction',
    );
  }
  await checkWritable(redis, probe);
  const beforeMs = Date.now();
  const [seconds, micros] = await redis.time();
  checkClock(
    {
      engine: 'Redis',
      engineMs: Number(seconds) * 1000 + Number(micros) / 1000,
      beforeMs,
      afterMs: Date.now(),
    },
    log,
  );
}

async function checkWritable(redis: RedisClient, probe: string): Promise<void> {
  try {
    await redis.set(probe, '1', 'PX', probeLifeMs);
  } catch (error) {
    if (!(error instanceof Error) || !isNotPrimary(error)) throw error;
    throw new Error(
      'Redis at REDIS_URL is a replica, or reads its data still: point REDIS_URL at the primary',
      { cause: error },
    );
  }
}

async function readEvictionPolicy(redis: RedisClient): Promise<string | null> {
  try {
    const answer: unknown = await redis.config('GET', 'maxmemory-policy');
    return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : null;
  } catch {
    return null; // hosted servers forbid the command, and the caller warns
  }
}
