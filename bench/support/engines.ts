/** The queue engines of a benchmark: PostgreSQL, and the Redis that the tests find or install. */
import { findRedisLauncher } from '../../tests/support/engines/redis-launcher.ts';
import { openRedisServer } from '../../tests/support/engines/redis-server.ts';
import { openBenchDatabase, type BenchDatabase } from './bench-database.ts';

export const engineNames = ['postgres', 'redis'] as const;

export interface BenchEngine {
  database: BenchDatabase;
  /** Variables for Kiln's configuration. */
  env: { DATABASE_URL: string; KILN_DATA_DIR: string; REDIS_URL?: string };
  close(): Promise<void>;
}

/**
 * Opens a private PostgreSQL with the settings of `npm start`, and a Redis beside it where that is
 * the engine.
 */
export async function openBenchEngine(
  name: (typeof engineNames)[number],
  extension?: 'pg_stat_statements',
): Promise<BenchEngine> {
  const database = await openBenchDatabase(extension);
  const redis = name === 'redis' ? await openRedisServer(await findRedisLauncher()) : null;
  return {
    database,
    env: {
      DATABASE_URL: database.url,
      KILN_DATA_DIR: database.folder,
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
    },
    async close() {
      await redis?.remove();
      await database.close();
    },
  };
}
