import { inParallel } from '@kiln/shared/services/in-parallel';
import { expect, test } from 'vitest';

test('runs every item once, and never more than the limit at the same time', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    done.push(item);
  });
  expect(done.toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test('after a failure no further item is begun, and those under way are awaited', async () => {
  const slow = Promise.withResolvers<void>();
  const begun: string[] = [];
  let slowHasEnded = false;
  let hasThrown = false;
  const call = inParallel(['slow', 'failing', 'third', 'fourth'], 2, async (item) => {
    begun.push(item);
    if (item === 'failing') throw new Error('the first failure');
    if (item === 'slow') await slow.promise;
    slowHasEnded = true;
  }).catch((error: unknown) => {
    hasThrown = true;
    return error;
  });

  await new Promise(setImmediate); // everything that can go on without the slow item has
  expect({ begun, hasThrown }).toEqual({ begun: ['slow', 'failing'], hasThrown: false });
  slow.resolve();
  expect(await call).toEqual(new Error('the first failure'));
  expect({ begun, slowHasEnded }).toEqual({ begun: ['slow', 'failing'], slowHasEnded: true });
});

test('failures after the first are named in the error that is thrown', async () => {
  const first = new Error('first');
  const error = await inParallel([first, new Error('second')], 2, async (failure) => {
    await Promise.resolve();
    throw failure;
  }).catch((thrown: unknown) => thrown);
  expect(error).toBe(first);
  expect(error).toMatchObject({ otherFailures: ['Error: second'] });
});

test('no items: nothing is run', async () => {
  await expect(inParallel([], 4, () => Promise.reject(new Error('run')))).resolves.toBeUndefined();
});
