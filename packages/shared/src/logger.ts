/**
 * The one way to log. Prompts, keys and bytes never reach it: callers log ids, codes and numbers.
 */
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** A JSON logger on stdout; `name` is the process (`api`, `worker`). */
export function createLogger(options: { name: string; level: string }): Logger {
  return pino({
    name: options.name,
    level: options.level,
    base: { name: options.name, pid: process.pid },
    // A last guard: no field of these names is ever wanted in a line, whatever object it came in.
    redact: {
      paths: ['*.prompt', '*.authorization', '*["api-key"]', '*.apiKey', 'req.headers'],
      censor: '[redacted]',
    },
  });
}
