/** Remembers the last measurements of a time, and tells which share of them was shorter. */
export interface RecentSamples {
  add(ms: number): void;
  /** Forgets all measurements, which do not hold any more. */
  forget(): void;
  /**
   * The time that this share of the measurements did not exceed; 0 while there are fewer than
   * `fewest`, because the first ones are often unusual.
   */
  quantile(share: number): number;
}

export function createRecentSamples(size: number, fewest = 1): RecentSamples {
  let samples: number[] = [];
  let next = 0;
  /** The same measurements by size: each request asks for several quantiles. */
  let sorted: number[] = [];

  /** Where a measurement is among the sorted ones, or would be. */
  function positionOf(ms: number): number {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sorted[middle] ?? 0) < ms) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    add(ms) {
      const oldest = samples[next];
      if (oldest !== undefined) sorted.splice(positionOf(oldest), 1);
      sorted.splice(positionOf(ms), 0, ms);
      samples[next] = ms;
      next = (next + 1) % size;
    },
    forget() {
      samples = [];
      next = 0;
      sorted = [];
    },
    quantile(share) {
      if (samples.length < fewest) return 0;
      return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    },
  };
}
