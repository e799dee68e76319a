/**
 * Waits for a fact. No other part of the tests may use a timer: a test that waits for time is slow,
 * and flaky on a slow machine.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** The pause between two checks is a twentieth of the time waited so far, within these bounds. */
const shortestPauseMs = 10;
const longestPauseMs = 200;

export interface WaitOptions {
  /** The default only ends what hangs; it is no claim about how fast the machine is. */
  timeoutMs?: number;
  /** The end of the sentence "Waited in vain for …". */
  what: string;
}

/**
 * Repeats the check until it returns something other than false, undefined or null, and returns
 * that. A check that throws is repeated; its last error becomes the cause of the failure.
 */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 300_000, what }: WaitOptions,
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

/** Waits for one turn of the event loop, in which everything that is ready now happens. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
