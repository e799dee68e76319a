/** Of several processes that would do the same work at once, one does it. */
import { exclusively } from '@kiln/shared/records/database/exclusively';
import { expect, test } from 'vitest';
import { openTestRecords } from '../support.ts';

const { db } = await openTestRecords();

test('while one works the others pass by, and once it is over the next one works', async () => {
  const under = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  let passed = 0;
  const first = exclusively(db, 'schedules', async () => {
    under.resolve();
    await end.promise;
  });
  await under.promise;
  const pass = async () => void (passed += 1);
  expect(
    await Promise.all([exclusively(db, 'schedules', pass), exclusively(db, 'schedules', pass)]),
  ).toEqual([false, false]);
  expect(passed).toBe(0);
  expect(await exclusively(db, 'other', pass)).toBe(true);
  end.resolve();
  expect(await first).toBe(true);
  expect(await exclusively(db, 'schedules', pass)).toBe(true);
  expect(passed).toBe(2);
});

test('work that fails leaves the turn to the next', async () => {
  const failure = exclusively(db, 'schedules', () =>
    Promise.reject(new Error('the engine is away')),
  );
  await expect(failure).rejects.toThrow('the engine is away');
  expect(await exclusively(db, 'schedules', async () => undefined)).toBe(true);
});
