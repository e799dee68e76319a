/** Opens the configured queue engine: BullMQ on Redis if `redisUrl` is set, else on PostgreSQL. */
import { limitWarnings } from '../logger.ts';
import { engineTiming } from './bullmq-engine.ts';
import type { EngineOptions, EngineSettings } from './engine-settings.ts';
import { openOnPostgres } from './postgres-engine.ts';
import type { QueueEngine } from './queue-engine.ts';

export async function openQueueEngine(options: EngineOptions): Promise<QueueEngine> {
  const settings: EngineSettings = {
    queues: 4,
    connections: 4,
    timing: engineTiming,
    outages: limitWarnings(options.log),
    ...options,
  };
  if (options.redisUrl === null) return openOnPostgres(settings);
  // ioredis costs memory, so it is loaded only where it is used.
  const { openOnRedis } = await import('./redis-engine.ts');
  return openOnRedis({ ...settings, redisUrl: options.redisUrl });
}
