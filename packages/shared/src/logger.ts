/**
 * Creates the logger, the only way to log. Callers log ids, codes and numbers, never prompts, keys
 * or image bytes.
 */
import {
  pino,
  stdSerializers,
  type DestinationStream,
  type Logger,
  type LoggerOptions,
} from 'pino';

export type { Logger } from 'pino';

/** A JSON logger; `name` is the process (`api`, `worker`), `to` is stdout unless it is given. */
export function createLogger(options: {
  name: string;
  level: string;
  to?: DestinationStream;
}): Logger {
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level,
    base: { name: options.name, pid: process.pid },
    serializers: { err: serializeError },
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
  };
  return options.to === undefined ? pino(settings) : pino(settings, options.to);
}

/**
 * Fields of errors that hold what was being written. Errors of ioredis carry their `command` with
 * its arguments, among them the password of `AUTH`. PostgreSQL quotes the row that it refuses in
 * `detail`, and the JSON or the parameter in `where`, and rows hold prompts.
 */
const quotingFields: readonly string[] = ['command', 'detail', 'where'];

function serializeError(error: Error): object {
  if (!(error instanceof Error)) return error;
  return withoutQuotes(stdSerializers.err(error));
}

/** An error may be inside of another one. */
function withoutQuotes(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !quotingFields.includes(name))
      .map(([name, value]: [string, unknown]) => [
        name,
        isSerializedError(value) ? withoutQuotes(value) : value,
      ]),
  );
}

function isSerializedError(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'stack' in value;
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
