/**
 * Converts times of the database's clock into times of `performance.now()`. An answer arrives after
 * the database has read its clock, so each answer gives a latest possible time; the earliest of
 * these within a minute is closest to the truth. A converted time is never too early. It may be too
 * late, in a process whose answers were all slow; then so are its requests.
 */
export interface DatabaseClock {
  /** Records that the database has read `databaseMs` between `askedAtMs` and now. */
  note(databaseMs: number, askedAtMs: number): void;
  toLocalMs(databaseMs: number): number;
  /** How much too late a converted time may be, beyond what is usual between two machines. */
  uncertainMs(): number;
  /** The clock was read too seldom lately to be known well. */
  isUnknown(): boolean;
}

/** Clocks drift apart, so older answers are forgotten. */
const rememberedMs = 30_000;
/** One of several answers is fast. */
const fewestReadings = 3;
/** The time between a question and its answer on a machine with time to spare. */
const usualMs = 2;

interface Readings {
  count: number;
  /** The database's clock is behind `performance.now()` by at most, and at least, this much. */
  mostMs: number;
  leastMs: number;
}

const noReadings: Readings = {
  count: 0,
  mostMs: Number.POSITIVE_INFINITY,
  leastMs: Number.NEGATIVE_INFINITY,
};

export function createDatabaseClock(): DatabaseClock {
  let older = noReadings;
  let newer = noReadings;
  let newerSinceMs = Number.NEGATIVE_INFINITY;
  const behindMs = () => Math.min(older.mostMs, newer.mostMs);
  return {
    note(databaseMs, askedAtMs) {
      const now = performance.now();
      if (now - newerSinceMs > rememberedMs) {
        older = now - newerSinceMs > rememberedMs * 2 ? noReadings : newer;
        newer = noReadings;
        newerSinceMs = now;
      }
      newer = {
        count: newer.count + 1,
        mostMs: Math.min(newer.mostMs, now - databaseMs),
        leastMs: Math.max(newer.leastMs, askedAtMs - databaseMs),
      };
    },
    toLocalMs: (databaseMs) => databaseMs + behindMs(),
    uncertainMs() {
      const leastMs = Math.max(older.leastMs, newer.leastMs);
      return Math.max(0, behindMs() - leastMs - usualMs);
    },
    isUnknown() {
      const isOld = performance.now() - newerSinceMs > rememberedMs * 2;
      return isOld || older.count + newer.count < fewestReadings;
    },
  };
}
