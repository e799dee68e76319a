/**
 * A deadline that every sign of life puts off: for an answer that comes in pieces, besides the one
 * for the whole call.
 */
export interface IdleDeadline {
  /** Aborted after `idleMs` without a sign of life. */
  signal: AbortSignal;
  /** Starts it, or puts it off. */
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
