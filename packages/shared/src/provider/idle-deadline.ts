/**
 * A deadline that each received byte postpones, for answers that arrive in pieces. It complements
 * the deadline of the whole call.
 */
export interface IdleDeadline {
  /** Aborts after `idleMs` without a `touch`. */
  signal: AbortSignal;
  /** Starts or postpones the deadline. */
  touch(): void;
  stop(): void;
}

export function createIdleDeadline(idleMs: number): IdleDeadline {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  return {
    signal: controller.signal,
    touch() {
      if (timer === null) timer = setTimeout(() => controller.abort(), idleMs);
      else timer.refresh();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
