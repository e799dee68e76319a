/**
 * Waiting for a fact. Nothing else in the tests may use a timer: a test that waits for time is slow
 * and still flaky.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** The pause between two looks: short at first, and a twentieth of what has passed later. */
const shortestPauseMs = 10;
const longestPauseMs = 50;

export interface WaitOptions {
  timeoutMs?: number;
  /** What is awaited, as the end of "Waited in vain for …". */
  what: string;
}

/**
 * Asks until the answer is neither false nor undefined nor null, and returns it. A check that
 * throws has not been met yet; what it threw last is the cause of the failure.
 */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 60_000, what }: WaitOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const startedAtMs = performance.now();
  const deadline = startedAtMs + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await check();
      cause = undefined;
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`Waited in vain for ${what} (${timeoutMs} ms).`, { cause });
    }
    const passedMs = performance.now() - startedAtMs;
    await pause(Math.min(longestPauseMs, Math.max(shortestPauseMs, passedMs / 20)));
  }
}

/** Lets the event loop go round once: what is ready by now has happened then. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
