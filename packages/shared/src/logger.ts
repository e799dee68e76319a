/**
 * Creates the logger, the only way to log. Callers log ids, codes and numbers, never prompts, keys
 * or image bytes.
 */
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** A JSON logger on stdout; `name` is the process (`api`, `worker`). */
export function createLogger(options: { name: string; level: string }): Logger {
  return pino({
    name: options.name,
    level: options.level,
    base: { name: options.name, pid: process.pid },
    // A last safeguard: fields with these names are redacted in whatever object they occur.
    redact: {
      paths: ['*.prompt', '*.authorization', '*["api-key"]', '*.apiKey', 'req.headers'],
      censor: '[redacted]',
    },
  });
}
