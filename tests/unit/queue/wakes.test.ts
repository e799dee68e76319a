import { createWakes } from '@kiln/shared/queue/wakes';
import { expect, test } from 'vitest';

const never = new AbortController().signal;
const aDayMs = 86_400_000;

test('a waiting queue is woken by its own news only', async () => {
  const wakes = createWakes();
  const known = wakes.countOf('a');
  let woken = false;
  const waiting = wakes.wait('a', known, aDayMs, never).then(() => (woken = true));
  wakes.wake('b');
  await Promise.resolve();
  expect(woken).toBe(false);
  wakes.wake('a');
  await waiting;
});

test('news that come between a look and the wait are not lost', async () => {
  const wakes = createWakes();
  const known = wakes.countOf('a');
  wakes.wake('a');
  await wakes.wait('a', known, aDayMs, never);
});

test('all queues are woken when news may have been missed', async () => {
  const wakes = createWakes();
  const waiting = ['a', 'b'].map((queue) => wakes.wait(queue, 0, aDayMs, never));
  wakes.wakeAll();
  await Promise.all(waiting);
});

test('a wait ends with its time, and at once when it is aborted', async () => {
  const wakes = createWakes();
  await wakes.wait('a', 0, 1, never);
  const controller = new AbortController();
  const waiting = wakes.wait('a', 0, aDayMs, controller.signal);
  controller.abort();
  await waiting;
  await wakes.wait('a', 0, aDayMs, controller.signal);
});
