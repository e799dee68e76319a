/**
 * Counts what an idle system asks of its engines: an API and a worker as production runs them, seen
 * by the engines.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createPoolGuard, setPaused } from '@kiln/shared/quota/pool-guard';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine, type engineNames } from './engines.ts';
import { fillJobs } from './fill-jobs.ts';
import { startApi, startWorker } from './kiln-processes.ts';

/**
 * What waits: nothing; jobs of a pool that the provider has blocked for an hour; jobs of a pool
 * that was paused by hand.
 */
export type Scene = 'empty' | 'blocked' | 'paused';

/** Per second. */
export interface IdleQueries {
  /** Statements on the records. */
  kiln: number;
  /** Requests of BullMQ: statements on PostgreSQL, or commands on Redis. */
  queue: number;
}

const waitingJobs = 1_000;
/**
 * By then everything that happens once is over: the start of the processes, and the first check of
 * the closed pool for each job of the window.
 */
const settlingMs = 45_000;
const countedMs = 20_000;

export async function measureIdle(
  engineName: (typeof engineNames)[number],
  scene: Scene,
  show?: (busiest: unknown[]) => void,
): Promise<IdleQueries> {
  const engine = await openBenchEngine(engineName, 'pg_stat_statements');
  const env = { ...engine.env, KILN_SIMULATOR_URL: 'http://127.0.0.1:9' };
  const database = new Pool({ connectionString: engine.env.DATABASE_URL, max: 1 });
  const commands =
    engine.env.REDIS_URL === undefined ? null : await countCommands(engine.env.REDIS_URL);
  try {
    await prepare(env, scene);
    const processes = [await startApi(env), await startWorker(env)];
    try {
      await delay(settlingMs);
      await database.query('select pg_stat_statements_reset()');
      const before = commands?.count() ?? 0;
      await delay(countedMs);
      const statements = await countStatements(database);
      show?.(statements.busiest);
      return {
        kiln: (statements.kiln * 1000) / countedMs,
        queue: ((statements.other + (commands?.count() ?? 0) - before) * 1000) / countedMs,
      };
    } finally {
      for (const child of processes) await child.stop();
    }
  } finally {
    commands?.close();
    await database.end();
    await engine.close();
  }
}

/** Fills the records with parts of its own, which are closed before anything is counted. */
async function prepare(env: Record<string, string>, scene: Scene): Promise<void> {
  const deps = await openBenchDeps(env);
  const database = deps.records.pool;
  try {
    if (scene !== 'empty') {
      await fillJobs(database, { count: waitingJobs, after: 0, deps });
      for (const { name } of deps.pools) {
        if (scene === 'paused') await setPaused(database, name, true);
        else
          await createPoolGuard(database, deps.config).refused(name, {
            waitMs: 3_600_000,
            reason: 'bench',
            startedMsAgo: 0,
          });
      }
    }
  } finally {
    await deps.close();
  }
}

export async function countStatements(
  database: Pool,
): Promise<{ kiln: number; other: number; busiest: unknown[] }> {
  const { rows } = await database.query<{ calls: number; is_kiln: boolean; query: string }>(
    `select calls, query ~ 'kiln\\.' as is_kiln,
       left(regexp_replace(query, '\\s+', ' ', 'g'), 100) as query
     from pg_stat_statements where query not like '%pg_stat_statements%' order by calls desc`,
  );
  const sum = (isKiln: boolean) =>
    rows.reduce((calls, row) => calls + (row.is_kiln === isKiln ? row.calls : 0), 0);
  return { kiln: sum(true), other: sum(false), busiest: rows };
}

/**
 * Counts the commands that clients send. The calls inside a BullMQ script are part of one command.
 */
async function countCommands(
  redisUrl: string,
): Promise<{ count: () => number; close: () => void }> {
  const redis = new Redis(redisUrl);
  const monitor = await redis.monitor();
  let commands = 0;
  monitor.on('monitor', (_time: string, _args: string[], source: string) => {
    if (source !== 'lua') commands += 1;
  });
  return {
    count: () => commands,
    close() {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}
