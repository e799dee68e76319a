/**
 * The queue engines as a test file opens them. `describe.each(engines)('on $name', …)` is for
 * suites whose subject is the queue, `describe.each(enginesOf(import.meta.filename))` for the
 * others.
 */
import { createTestDatabase } from './database.ts';
import { bothEngines, oneEngine, type EngineName } from './engine-matrix.ts';
import { createTestRedis } from './redis.ts';

export interface OpenEngine {
  databaseUrl: string;
  /** null: the queues live in the database. */
  redisUrl: string | null;
  prefix: string;
  /** Empties the queues. The database is dropped at the end of the file, unless the file failed. */
  close(): Promise<void>;
}

export interface QueueEngine {
  name: EngineName;
  open(): Promise<OpenEngine>;
}

const openers: Readonly<Record<EngineName, QueueEngine>> = {
  postgres: {
    name: 'postgres',
    open: async () => {
      const database = await createTestDatabase();
      return {
        databaseUrl: database.url,
        redisUrl: null,
        prefix: 'kiln',
        close: async () => undefined,
      };
    },
  },
  redis: {
    name: 'redis',
    open: async () => {
      const database = await createTestDatabase();
      const redis = createTestRedis();
      return {
        databaseUrl: database.url,
        redisUrl: redis.url,
        prefix: redis.prefix,
        close: redis.flush,
      };
    },
  },
};

/** Both engines; PostgreSQL alone in a quick run. */
export const engines: QueueEngine[] = bothEngines().map((name) => openers[name]);

/** The engine of a file whose subject is not the queue; both with `--all`. */
export function enginesOf(file: string): QueueEngine[] {
  return oneEngine(file).map((name) => openers[name]);
}
