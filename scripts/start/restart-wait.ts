/** How long a dead process waits before it is started again. */
export interface RestartWaits {
  /** The wait after the first death; each further one doubles it, up to `longestMs`. */
  firstMs: number;
  longestMs: number;
  /** A process that ran at least this long before it died waits `firstMs` again. */
  healthyMs: number;
}

export const restartWaits: RestartWaits = {
  firstMs: 1_000,
  longestMs: 30_000,
  healthyMs: 60_000,
};

/**
 * Returns a function from the time that a process has run (0: it did not start) to its next wait.
 */
export function createRestartWait(waits: RestartWaits): (ranMs: number) => number {
  let nextMs = waits.firstMs;
  return (ranMs) => {
    const waitMs = ranMs >= waits.healthyMs ? waits.firstMs : nextMs;
    nextMs = Math.min(waitMs * 2, waits.longestMs);
    return waitMs;
  };
}
