import { KilnError } from '@kiln/shared/errors';
import { createTurns } from '@kiln/shared/services/turns';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = new AbortController().signal;
const make = () =>
  createTurns({
    atOnce: 1,
    maxWaiting: 2,
    waitMs: 1_000,
    refuse: () => new KilnError('downloads_busy', 'busy'),
  });

test('turns are given in order, and a caller that waits too long is refused', async () => {
  const turns = make();
  const order: string[] = [];
  await turns.take(open);
  const first = turns.take(open).then(() => order.push('first'));
  await vi.advanceTimersByTimeAsync(500);
  const second = turns.take(open);
  second.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(400);
  turns.leave();
  await first;
  expect(order).toEqual(['first']);
  await vi.advanceTimersByTimeAsync(600);
  await expect(second).rejects.toMatchObject({ code: 'downloads_busy' });
  // The refused caller took no turn, so the next one is free.
  turns.leave();
  await turns.take(open);
});

test('a caller beyond those that may wait is refused at once', async () => {
  const turns = make();
  await turns.take(open);
  const waiting = [turns.take(open), turns.take(open)];
  await expect(turns.take(open)).rejects.toMatchObject({ code: 'downloads_busy' });
  turns.leave();
  await waiting[0];
  turns.leave();
  await waiting[1];
});

test('a caller that disconnects while it waits takes no turn', async () => {
  const turns = make();
  const gone = new AbortController();
  await turns.take(open);
  const waiting = turns.take(gone.signal);
  gone.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  turns.leave();
  await turns.take(open);
  await expect(turns.take(gone.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
