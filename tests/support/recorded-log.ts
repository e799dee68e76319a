/** A logger that keeps its lines, for tests of what a process logs. */
import { createLogger, type Logger } from '@kiln/shared/logger';

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  fields: unknown;
  message: string;
}

/** `log` and all its children write to `lines`. */
export function createRecordedLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const record =
    (level: LogLine['level']) =>
    (fields: unknown, message = ''): void => {
      if (typeof fields === 'string') lines.push({ level, fields: null, message: fields });
      else lines.push({ level, fields, message });
    };
  const log: Logger = Object.assign(createLogger({ name: 'recorded', level: 'silent' }), {
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    child: () => log,
  });
  return { log, lines };
}
