import { mostTries, nextPauseMs } from '@kiln/shared/domain/delivery-schedule';
import { deliveryStatusesBefore } from '@kiln/shared/domain/delivery-state';
import { expect, test } from 'vitest';

const minuteMs = 60_000;
const seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

test('retries follow after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, and then end', () => {
  const pauses = seconds.map((_, index) => nextPauseMs(index + 1, null, { random: 0.5, minuteMs }));
  expect(pauses).toEqual(seconds.map((pause) => pause * 1_000));
  expect(nextPauseMs(mostTries, null, { random: 0.5, minuteMs })).toBeNull();
  expect(nextPauseMs(mostTries, 1_000, { random: 0.5, minuteMs })).toBeNull();
});

test.each([
  [0, 0.9],
  [1, 1.1],
  [0.75, 1.05],
])('the random number %d makes a pause %d times as long', (random, factor) => {
  expect(nextPauseMs(2, null, { random, minuteMs })).toBe(300_000 * factor);
});

test('a shorter minute shortens the pauses and the wait for Retry-After', () => {
  expect(nextPauseMs(7, null, { random: 0.5, minuteMs: 10 })).toBe(6_000);
  expect(nextPauseMs(1, 60_000, { random: 0.5, minuteMs: 10 })).toBe(10);
});

test.each([
  ['shorter than the pause', 1_000, 5_000],
  ['longer than the pause', 90_000, 90_000],
  ['longer than a day', 1e12, 86_400_000],
])('a receiver that asks for a time %s', (_, retryAfterMs, expected) => {
  expect(nextPauseMs(1, retryAfterMs, { random: 0.5, minuteMs })).toBe(expected);
});

test('a delivery that has ended becomes pending again only by a redelivery', () => {
  expect(deliveryStatusesBefore('delivered')).toEqual(['pending']);
  expect(deliveryStatusesBefore('failed')).toEqual(['pending']);
  expect(deliveryStatusesBefore('pending')).toEqual(['pending', 'delivered', 'failed']);
});
