import { createAttemptLimiter } from '@kiln/shared/access/attempt-limiter';
import { expect, test } from 'vitest';

const limits = { burst: 3, intervalMs: 1_000, maxAddresses: 2 };

test('an address has a few attempts at once, then one in each interval', () => {
  const limiter = createAttemptLimiter(limits);
  expect([0, 0, 0, 0].map(() => limiter.take('192.0.2.1', 5_000))).toEqual([0, 0, 0, 1_000]);
  expect(limiter.take('192.0.2.1', 5_400)).toBe(600);
  expect(limiter.take('192.0.2.1', 6_000)).toBe(0);
  expect(limiter.take('192.0.2.1', 6_000)).toBe(1_000);
  expect([0, 0, 0, 0].map(() => limiter.take('192.0.2.1', 60_000))).toEqual([0, 0, 0, 1_000]);
});

test('a refused attempt does not make the wait longer', () => {
  const limiter = createAttemptLimiter(limits);
  for (let attempt = 0; attempt < 100; attempt += 1) limiter.take('192.0.2.1', 0);
  expect(limiter.take('192.0.2.1', 1_000)).toBe(0);
});

test('addresses have limits of their own; an IPv6 network of 64 bits has one', () => {
  const limiter = createAttemptLimiter({ ...limits, burst: 1, maxAddresses: 10 });
  expect(limiter.take('192.0.2.1', 0)).toBe(0);
  expect(limiter.take('192.0.2.2', 0)).toBe(0);
  expect(limiter.take('2001:db8:1:2::1', 0)).toBe(0);
  expect(limiter.take('2001:db8:1:2:ffff::7', 0)).toBe(1_000);
  expect(limiter.take('2001:db8:1:3::1', 0)).toBe(0);
  expect(limiter.take('::1', 0)).toBe(0);
  expect(limiter.take('::ffff:192.0.2.9', 0)).toBe(0);
  expect(limiter.take('::ffff:192.0.2.8', 0)).toBe(0);
});

test('it remembers a bounded number of addresses, and forgets the least recent one', () => {
  const limiter = createAttemptLimiter({ ...limits, burst: 1 });
  expect(limiter.take('a', 0)).toBe(0);
  expect(limiter.take('b', 0)).toBe(0);
  expect(limiter.take('c', 0)).toBe(0);
  expect(limiter.take('b', 0)).toBe(1_000);
  expect(limiter.take('a', 0)).toBe(0);
});
