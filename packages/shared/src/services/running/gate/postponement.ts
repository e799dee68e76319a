/**
 * Decides by how much the schedule of a pool is postponed because this process is late.
 *
 * Problem: a late request makes a slice longer in which the provider sees it. This process knows
 * when it sent its own requests (`start-log.ts`), other processes do not.
 * Approach: while only this process takes the pool's starts, the schedule stays, and later starts
 * catch up. Once another process takes starts too, a request that would be late is held back until
 * the schedule was postponed by the time that a slice then has too little; several late requests
 * are postponed by the latest of them, not by their sum. The pool's row shows whether another
 * process has changed it since our last statement.
 * Guarantee: a process that begins to take starts postpones the schedule first by the longest
 * lateness that another one may have kept to itself. A process that shares a pool keeps none to
 * itself, so one that dies takes none along.
 */
import { spacingOf, type Pace } from '../../../quota/pace.ts';
import type { Reading } from '../../../quota/pool-guard.ts';

/** How much this process had postponed the schedule in all when the start was granted. */
type Granted = Readonly<{ totalMs: number }>;

export interface Postponement {
  /** Returns how much to postpone the schedule now, in ms. */
  owedMs(): number;
  /** Records what a statement read and by how much it postponed the schedule. */
  noteReading(reading: Reading, postponedMs: number): void;
  /** Returns how much this process has postponed the schedule in all; a start remembers it. */
  totalMs(): number;
  /** Whether the schedule must be postponed before a request is written so late. */
  mustPrecede(start: Granted, lateMs: number): boolean;
  /** A request is or will be written `lateMs` after its start was due. */
  noteLate(start: Granted, lateMs: number): void;
}

/** A process counts as new to a pool sooner than others stop to expect it. */
const newAfterShare = 0.8;

/** @param latenessMs how much later than usual this process writes requests at times */
export function createPostponement(
  pace: Pace,
  minuteMs: number,
  latenessMs: () => number = () => 0,
): Postponement {
  const { tightest, slices, latestMs } = pace;
  const longestSliceMs = Math.max(...slices.map(({ lengthMs }) => lengthMs));
  /** If a slice holds one start, a late one moves all others anyway. */
  const isAlwaysReported = tightest.starts === 1;
  let total = 0;
  let expectedNextMs: number | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let sharedAtMs = Number.NEGATIVE_INFINITY;
  /** A later one is here only if it is less late, so there are few. */
  let late: { targetMs: number; atMs: number }[] = [];

  /**
   * Lateness that the spacing allows for: half of it, because the way may add its own. Where a
   * slice holds one start, the spacing behind it is that of this process.
   */
  function allowedMs(): number {
    const spacingMs = spacingOf(pace, isAlwaysReported ? latenessMs() : 0);
    return (tightest.starts * spacingMs - tightest.lengthMs) / 2;
  }

  /** How much the schedule must have been postponed in all for a request that is so late. */
  const targetOf = (start: Granted, lateMs: number) => start.totalMs + lateMs - allowedMs();
  const isShared = (now: number) => isAlwaysReported || now - sharedAtMs <= minuteMs;
  /** Older requests are in no slice any more that the next start could be in. */
  const recent = (now: number) => late.filter(({ atMs }) => now - atMs < longestSliceMs);

  return {
    owedMs() {
      const now = performance.now();
      if (!isAlwaysReported && now - readAtMs > minuteMs * newAfterShare) return latestMs;
      if (!isShared(now)) return 0;
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
    mustPrecede: (start, lateMs) => isShared(performance.now()) && targetOf(start, lateMs) > total,
    noteLate(start, lateMs) {
      const now = performance.now();
      const targetMs = targetOf(start, lateMs);
      if (targetMs <= start.totalMs) return;
      late = [...recent(now).filter((other) => other.targetMs > targetMs), { targetMs, atMs: now }];
    },
  };
}
