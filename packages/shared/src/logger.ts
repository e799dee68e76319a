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
      paths: [
        '*.prompt',
        '*.authorization',
        '*["api-key"]',
        '*.apiKey',
        '*.headers',
        'req.headers',
      ],
      censor: '[redacted]',
    },
  });
}

export interface WarningLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * Passes on at most one warning in `everyMs`, from all callers together, so that an outage that
 * fails everything at once does not fill the log. A warning says how many were left out before it.
 */
export function limitWarnings(log: WarningLog, everyMs = 1_000): WarningLog {
  let lastMs = Number.NEGATIVE_INFINITY;
  let leftOut = 0;
  return {
    warn(fields, message) {
      if (performance.now() - lastMs < everyMs) {
        leftOut += 1;
        return;
      }
      log.warn(leftOut === 0 ? fields : { ...fields, leftOut }, message);
      lastMs = performance.now(); // of the line in the log, which a busy machine writes later
      leftOut = 0;
    },
  };
}
