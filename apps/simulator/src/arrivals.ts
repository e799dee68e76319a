/**
 * Says since when a request that is handled now may have been waiting.
 *
 * Problem: a process that is busy, or whose machine is, finds requests late that have waited in the
 * kernel. By its clock they come close to the ones behind them, although they were sent in time.
 * Approach: an event loop that had to wait for something to do had nothing left to read, accept or
 * pass on. Node.js counts the time in which it waits so. A ticker remembers the last time before
 * the loop waited: whatever is handled now came after that.
 * Guarantee: no request was sent before `earliestMs`, even if it passed through a proxy of this
 * process. While the process is not busy, that is some milliseconds ago.
 * It is meant for a simulator that shares its process with a test and the test's proxies.
 */
import { performance } from 'node:perf_hooks';
import { readClock } from './clock.ts';

/** When a call arrived: not before `earliest`, and at `at` at the latest. In `readClock`'s time. */
export interface Arrival {
  earliest: number;
  at: number;
}

export interface Arrivals {
  /** The earliest time at which a request that is handled now can have arrived, by `readClock`. */
  earliestMs(): number;
  close(): void;
}

const tickMs = 4;

/** Takes a request to arrive when it is handled. */
export const promptArrivals: Arrivals = { earliestMs: readClock, close: () => undefined };

export function watchArrivals(): Arrivals {
  const readTick = () => ({ at: readClock(), idleMs: performance.eventLoopUtilization().idle });
  let last = readTick();
  /** The loop has waited after this time, and not since `last`. */
  let idleAfter = last.at;

  function tick(): void {
    const now = readTick();
    // Node.js looks first whether anything is ready, and counts only the time after that.
    if (now.idleMs > last.idleMs) idleAfter = last.at;
    last = now;
  }

  const ticker = setInterval(tick, tickMs);
  ticker.unref();
  return {
    earliestMs() {
      tick();
      return idleAfter;
    },
    close: () => clearInterval(ticker),
  };
}
