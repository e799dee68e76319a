/**
 * Decides by how much the schedule of a pool is postponed because this process was late.
 *
 * Problem: a late request makes a slice longer in which the provider sees it. This process knows
 * when it sent its own requests (`start-log.ts`), other processes do not.
 * Approach: while only this process takes the pool's starts, the schedule stays, and later starts
 * catch up. Once another process takes starts too, the schedule is postponed by the time that a
 * slice has too little; several late requests are postponed by the latest of them, not by their
 * sum. The pool's row shows whether another process has changed it since our last statement.
 * Guarantee: a process that begins to take starts postpones the schedule first by the longest
 * lateness that another one may have kept to itself.
 */
import type { Pace } from '../../../quota/pace.ts';
import type { Reading } from '../../../quota/pool-guard.ts';

export interface Postponement {
  /** Returns how much to postpone the schedule now, in ms. */
  owedMs(): number;
  /** Records what a statement read and by how much it postponed the schedule. */
  noteReading(reading: Reading, postponedMs: number): void;
  /** Returns how much this process has postponed the schedule in all; a start remembers it. */
  totalMs(): number;
  /** A request was written `lateMs` after its start was due. */
  noteWritten(start: { totalMs: number }, lateMs: number): void;
}

/** A process counts as new to a pool sooner than others stop to expect it. */
const newAfterShare = 0.8;

export function createPostponement(pace: Pace, minuteMs: number): Postponement {
  const { tightest, intervalMs, latestMs } = pace;
  /** Lateness that the spacing allows for: half of it, because the way may add its own. */
  const allowedMs = (tightest.starts * intervalMs - tightest.lengthMs) / 2;
  /** If a slice holds one start, a late one moves all others anyway. */
  const isAlwaysReported = tightest.starts === 1;
  let total = 0;
  let expectedNextMs: number | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let sharedAtMs = Number.NEGATIVE_INFINITY;
  let late: { targetMs: number; atMs: number }[] = [];

  /** Older requests are in no slice any more that the next start could be in. */
  const recent = (now: number) => late.filter(({ atMs }) => now - atMs < tightest.lengthMs * 2);

  return {
    owedMs() {
      const now = performance.now();
      if (!isAlwaysReported && now - readAtMs > minuteMs * newAfterShare) return latestMs;
      if (!isAlwaysReported && now - sharedAtMs > minuteMs) return 0;
      return Math.max(0, ...recent(now).map(({ targetMs }) => targetMs - total));
    },
    noteReading(reading, postponedMs) {
      const now = performance.now();
      total += postponedMs;
      if (expectedNextMs !== null && expectedNextMs !== reading.nextBeforeMs) sharedAtMs = now;
      expectedNextMs = reading.nextAfterMs;
      readAtMs = now;
    },
    totalMs: () => total,
    noteWritten(start, lateMs) {
      const now = performance.now();
      if (lateMs > allowedMs)
        late = [...recent(now), { targetMs: start.totalMs + lateMs - allowedMs, atMs: now }];
    },
  };
}
