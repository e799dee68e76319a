/**
 * Judges the quota as the provider sees it: from the times at which it received calls that took a
 * start, and calls that it refused because the quota was used up. The tests scale the minute, and
 * with it the pace's reserve (0.6 %: 36 ms of 6 s), but a busy machine delays a process as long as
 * ever. The checks allow for that delay; where a test proves the pace itself, starts are far enough
 * apart that one too many is noticed. The simulator runs in the process of the test, and knows
 * since when a request may have waited for it: only a slice that is certainly too full is reported.
 */
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';

/**
 * The shortest spacing at which the slices of a minute are judged. Between the grant of a start and
 * its request lie a statement and, in a new process, up to 100 ms of loading code. That delay does
 * not scale with the minute. The number of starts in a whole minute is judged at any spacing.
 */
const shortestJudgedMs = 200;
/**
 * Two requests may arrive this much closer together than they were sent on a busy machine. It is
 * less than a start, so that one too many is noticed. The simulator's own quota allows for it as
 * well.
 */
export function jitterMsOf({ rpm, minuteMs }: { rpm: number; minuteMs: number }): number {
  return Math.min(100, minuteMs / rpm / 2);
}

/** Providers also check a sixth and a sixtieth of a minute; they round a fraction up. */
const sharesOfAMinute = [1, 6, 60];

/** Returns a sentence for every start that was one too many in a minute or in a slice of it. */
export function checkQuota(
  entries: readonly LedgerEntry[],
  { rpm, minuteMs }: { rpm: number; minuteMs: number },
): string[] {
  const isTurnedAway = ({ status, fault }: LedgerEntry) => status === 429 && fault === null;
  const starts = entries
    .filter((entry) => entry.took_quota || isTurnedAway(entry))
    .toSorted((one, other) => one.received_at - other.received_at);
  const intervalMs = minuteMs / rpm;
  const jitterMs = jitterMsOf({ rpm, minuteMs });
  const refusals = entries
    .filter(isTurnedAway)
    .map(
      (entry) =>
        `the provider's quota had no start for attempt ${entry.kiln_attempt_id} of ` +
        `${entry.kiln_job_id}`,
    );
  const slices = sharesOfAMinute
    .filter((share) => share === 1 || intervalMs >= shortestJudgedMs)
    .map((share) => ({ lengthMs: minuteMs / share, most: Math.ceil(rpm / share) }));
  const crowded = starts.flatMap(({ received_at: at }, index) =>
    slices.flatMap(({ lengthMs, most }) => {
      const before = starts[index - most]?.arrived_after;
      return before !== undefined && at - before < lengthMs - jitterMs
        ? [`${most + 1} starts within ${(at - before).toFixed(1)} ms of a slice of ${lengthMs} ms`]
        : [];
    }),
  );
  return [...refusals, ...crowded];
}
