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
  let sorted: number[] | null = null;
  return {
    add(ms) {
      samples[next] = ms;
      next = (next + 1) % size;
      sorted = null;
    },
    forget() {
      samples = [];
      next = 0;
      sorted = null;
    },
    quantile(share) {
      if (samples.length < fewest) return 0;
      sorted ??= samples.toSorted((one, other) => one - other);
      return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    },
  };
}
