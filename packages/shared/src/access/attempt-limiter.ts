/**
 * Limits how often an address may try a key: a few times at once, then evenly. The limiter keeps
 * one number for each address, the time at which its next attempt would be on schedule, and a
 * bounded number of addresses. Each process counts for itself.
 */
import { isIPv6 } from 'node:net';

export interface AttemptLimiter {
  /** Counts an attempt. Returns 0 if it may be made, else the milliseconds to wait. */
  take(address: string, nowMs: number): number;
}

export interface AttemptLimits {
  /** Attempts that an address may make at once. */
  burst: number;
  /** The time after which it may make another one. */
  intervalMs: number;
  /** Addresses that are remembered; the least recent one is forgotten first. */
  maxAddresses: number;
}

export const signInLimits: AttemptLimits = { burst: 5, intervalMs: 500, maxAddresses: 10_000 };

export function createAttemptLimiter({
  burst,
  intervalMs,
  maxAddresses,
}: AttemptLimits): AttemptLimiter {
  const scheduledMs = new Map<string, number>();
  return {
    take(address, nowMs) {
      const network = networkOf(address);
      const dueMs = Math.max(nowMs, scheduledMs.get(network) ?? 0);
      const waitMs = dueMs - nowMs - (burst - 1) * intervalMs;
      if (waitMs > 0) return Math.ceil(waitMs);
      scheduledMs.delete(network); // insert it as the most recent one
      scheduledMs.set(network, dueMs + intervalMs);
      const [oldest] = scheduledMs.keys();
      if (scheduledMs.size > maxAddresses && oldest !== undefined) scheduledMs.delete(oldest);
      return 0;
    },
  };
}

/** A caller with IPv6 usually has a whole /64 of addresses. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) while (groups.length < 4) groups.push('0');
  return groups.slice(0, 4).join(':');
}
