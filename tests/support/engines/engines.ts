/**
 * Both queue engines, for suites that must hold on either: `describe.each(engines)('on $name', ({
 * open }) => …)`.
 */
import { createTestDatabase } from './database.ts';
import { createTestRedis } from './redis.ts';

export interface OpenEngine {
  databaseUrl: string;
  /** null: the queues live in the database. */
  redisUrl: string | null;
  prefix: string;
  /** Empties the queues. The database goes at the end of the file, or stays if the file failed. */
  close(): Promise<void>;
}

export interface QueueEngine {
  name: 'postgres' | 'redis';
  open(): Promise<OpenEngine>;
}

export const engines: QueueEngine[] = [
  {
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
  {
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
];
