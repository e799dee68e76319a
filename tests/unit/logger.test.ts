import { createLogger, limitWarnings } from '@kiln/shared/logger';
import { expect, test } from 'vitest';

const aDayMs = 86_400_000;

test('warnings of an outage are passed on one at a time, with the number left out', () => {
  const passed: [unknown, string][] = [];
  const log = { warn: (fields: unknown, message: string) => void passed.push([fields, message]) };
  const limited = limitWarnings(log, aDayMs);
  limited.warn({ queue: 'a' }, 'the first');
  limited.warn({ queue: 'b' }, 'left out');
  expect(passed).toEqual([[{ queue: 'a' }, 'the first']]);

  const unlimited = limitWarnings(log, 0);
  unlimited.warn({}, 'one');
  unlimited.warn({}, 'two');
  expect(passed.slice(1).map(([, message]) => message)).toEqual(['one', 'two']);
});

test('the log shows an error without the arguments of its command, such as a password', () => {
  let logged = '';
  const log = createLogger({
    name: 'test',
    level: 'info',
    to: { write: (line) => void (logged += line) },
  });
  const command = { name: 'auth', args: ['hunter2'] };
  const lastNodeError = Object.assign(new Error('WRONGPASS'), { command });
  const err = Object.assign(new Error('no node answers'), { code: 'E1', command, lastNodeError });
  log.warn({ err }, 'a connection failed');
  expect(JSON.parse(logged)).toMatchObject({
    err: { message: 'no node answers', code: 'E1', lastNodeError: { message: 'WRONGPASS' } },
  });
  expect(logged).not.toContain('hunter2');
});

test('the log shows an error of PostgreSQL without the row and the JSON that it quotes', () => {
  let logged = '';
  const log = createLogger({
    name: 'test',
    level: 'info',
    to: { write: (line) => void (logged += line) },
  });
  const quoted = {
    detail: 'Failing row contains (job_1, {"prompt": "hunter2"}).',
    where: 'JSON data, line 1: {"prompt": "hunter2"...',
  };
  const refused = Object.assign(new Error('it violates a check'), { code: '23514', ...quoted });
  log.error({ err: new Error('not recorded', { cause: refused }) }, 'outer');
  log.error({ err: Object.assign(refused, { table: 'jobs' }) }, 'itself');
  expect(logged).toContain('"table":"jobs"');
  expect(logged).not.toContain('hunter2');
});
