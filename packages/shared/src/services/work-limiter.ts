/**
 * Limits how many requests of one kind a process works on at a time, because each reads a whole
 * file or a whole batch. The next one is refused instead of waiting: its connection would be held
 * for as long as the others take.
 */
import { KilnError, type ErrorCode } from '../errors.ts';

export interface WorkLimiter {
  /**
   * Takes a slot, and returns the function that gives it back; to call that again does nothing.
   * Throws the code of this kind when every slot is taken.
   */
  take(): () => void;
  /** Throws as `take` would, and takes no slot. */
  check(): void;
}

export interface WorkKind {
  code: ErrorCode;
  /** What runs, in the plural. */
  what: string;
  /** When a refused caller should ask again. */
  retryAfterMs: number;
}

export function createWorkLimiter(
  { code, what, retryAfterMs }: WorkKind,
  atATime: number,
): WorkLimiter {
  let running = 0;
  const check = (): void => {
    if (running < atATime) return;
    throw new KilnError(
      code,
      `this process already works on ${running} ${what}, the most it does at a time; nothing was ` +
        'done, retry',
      { retryAfterMs },
    );
  };
  return {
    check,
    take() {
      check();
      running += 1;
      let isTaken = true;
      return () => {
        if (isTaken) running -= 1;
        isTaken = false;
      };
    },
  };
}
