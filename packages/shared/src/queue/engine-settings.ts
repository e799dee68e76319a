/** What a queue engine is opened with. */
import type { Logger, WarningLog } from '../logger.ts';
import type { EngineTiming } from './bullmq-engine.ts';

export interface EngineOptions {
  databaseUrl: string;
  redisUrl: string | null;
  /** The namespace of BullMQ: a schema in PostgreSQL, a key prefix in Redis. */
  namespace?: string;
  /** How many queues this process consumes. Default: a few. */
  queues?: number;
  /** On PostgreSQL: how many connections all queues of this process share. */
  connections?: number;
  /** Default: `engineTiming`. */
  timing?: EngineTiming;
  log: Logger;
  /** Takes the warnings that an outage repeats. Default: one warning a second. */
  outages?: WarningLog;
}

/** The options with their defaults. */
export interface EngineSettings extends EngineOptions {
  queues: number;
  connections: number;
  timing: EngineTiming;
  outages: WarningLog;
}
