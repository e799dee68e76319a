import { stat } from 'node:fs/promises';
import { withDeadline } from '@kiln/shared/deadline';
import { expect, test } from 'vitest';

const never = new Promise<never>(() => undefined);

test('a result in time is returned, and its signal is not aborted', async () => {
  let signal: AbortSignal | undefined;
  const outcome = await withDeadline(60_000, (given) => {
    signal = given;
    return Promise.resolve(7);
  });
  expect(outcome).toEqual({ status: 'done', value: 7 });
  expect(signal?.aborted).toBe(false);
});

test('an error in time is thrown as it is', async () => {
  const error = new Error('broken');
  await expect(withDeadline(60_000, () => Promise.reject(error))).rejects.toBe(error);
});

test('after the limit the outcome is late and the signal is aborted', async () => {
  let signal: AbortSignal | undefined;
  const outcome = await withDeadline(1, (given) => {
    signal = given;
    return never;
  });
  expect(outcome).toEqual({ status: 'late' });
  expect(signal?.aborted).toBe(true);
});

test('an action that fails because of the abort is late, and its error is ignored', async () => {
  const outcome = await withDeadline(
    1,
    (signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted'))),
      ),
  );
  expect(outcome).toEqual({ status: 'late' });
});

test('a result that arrived while the process was held up counts as in time', async () => {
  const outcome = await withDeadline(1, () => {
    const found = stat(import.meta.filename);
    const untilMs = performance.now() + 50;
    while (performance.now() < untilMs); // the file system answers meanwhile
    return found;
  });
  expect(outcome.status).toBe('done');
});
