/** One of several processes that want to do the same work does it. */
import { withAdvisoryLock } from '@kiln/shared/records/database/with-advisory-lock';
import { expect, test } from 'vitest';
import { openTestRecords } from '../support.ts';

const { db } = await openTestRecords();

test('others skip the work while one does it, and the next one can do it afterwards', async () => {
  const under = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  let passed = 0;
  const first = withAdvisoryLock(db, 'schedules', async () => {
    under.resolve();
    await end.promise;
  });
  await under.promise;
  const pass = async () => void (passed += 1);
  expect(
    await Promise.all([
      withAdvisoryLock(db, 'schedules', pass),
      withAdvisoryLock(db, 'schedules', pass),
    ]),
  ).toEqual([false, false]);
  expect(passed).toBe(0);
  expect(await withAdvisoryLock(db, 'other', pass)).toBe(true);
  end.resolve();
  expect(await first).toBe(true);
  expect(await withAdvisoryLock(db, 'schedules', pass)).toBe(true);
  expect(passed).toBe(2);
});

test('after work that fails the next one can do it', async () => {
  const failure = withAdvisoryLock(db, 'schedules', () =>
    Promise.reject(new Error('the engine is away')),
  );
  await expect(failure).rejects.toThrow('the engine is away');
  expect(await withAdvisoryLock(db, 'schedules', async () => undefined)).toBe(true);
});
