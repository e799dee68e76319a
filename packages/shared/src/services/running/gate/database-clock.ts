/**
 * Converts times of the database's clock into times of `performance.now()`. An answer arrives after
 * the database has read its clock, so each answer gives a latest possible time; the earliest of
 * these within a minute is closest to the truth. A converted time is never too early.
 */
export interface DatabaseClock {
  /** Records that the database has read `databaseMs` before now. */
  note(databaseMs: number): void;
  toLocalMs(databaseMs: number): number;
}

/** Clocks drift apart, so older answers are forgotten. */
const rememberedMs = 30_000;

export function createDatabaseClock(): DatabaseClock {
  let older = Number.POSITIVE_INFINITY;
  let newer = Number.POSITIVE_INFINITY;
  let newerSinceMs = Number.NEGATIVE_INFINITY;
  return {
    note(databaseMs) {
      const now = performance.now();
      if (now - newerSinceMs > rememberedMs) {
        older = newer;
        newer = Number.POSITIVE_INFINITY;
        newerSinceMs = now;
      }
      newer = Math.min(newer, now - databaseMs);
    },
    toLocalMs: (databaseMs) => databaseMs + Math.min(older, newer),
  };
}
