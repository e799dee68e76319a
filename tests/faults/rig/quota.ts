/**
 * Judges the quota as the provider sees it: from the times at which it received calls that took a
 * start, and calls that it refused because the quota was used up. The tests scale the minute, and
 * with it the pace's reserve (0.6 %: 36 ms of 6 s), but a busy machine delays a process as long as
 * ever. The checks allow for that delay; where a test proves the pace itself, starts are far enough
 * apart that one too many is noticed.
 */
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';

/**
 * The shortest spacing at which gaps are judged. Between the grant of a start and its request lie a
 * statement and, in a new process, up to 100 ms of loading code. Kiln spaces the next start from
 * the request, but a delay longer than the spacing means that the next start was granted before.
 * That delay does not scale with the minute. The number of starts per minute is judged at any
 * spacing.
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

const closest = 0.95;

/**
 * Returns a sentence for every start that was one too many in a minute, or too close to the one
 * before it.
 */
export function checkQuota(
  entries: readonly LedgerEntry[],
  { rpm, minuteMs }: { rpm: number; minuteMs: number },
): string[] {
  const isTurnedAway = ({ status, fault }: LedgerEntry) => status === 429 && fault === null;
  const starts = entries
    .filter((entry) => entry.took_quota || isTurnedAway(entry))
    .map((entry) => entry.received_at)
    .toSorted((one, other) => one - other);
  const intervalMs = minuteMs / rpm;
  const jitterMs = jitterMsOf({ rpm, minuteMs });
  const refusals = entries
    .filter(isTurnedAway)
    .map(
      (entry) =>
        `the provider's quota had no start for attempt ${entry.kiln_attempt_id} of ` +
        `${entry.kiln_job_id}`,
    );
  const crowded = starts.flatMap((at, index) => {
    const violations: string[] = [];
    const minuteAgo = starts[index - rpm];
    if (minuteAgo !== undefined && at - minuteAgo < minuteMs - jitterMs)
      violations.push(
        `${rpm + 1} starts within ${(at - minuteAgo).toFixed(1)} ms of a minute of ${minuteMs} ms`,
      );
    const before = starts[index - 1];
    if (
      before !== undefined &&
      intervalMs >= shortestJudgedMs &&
      at - before < intervalMs * closest - jitterMs
    )
      violations.push(
        `two starts ${(at - before).toFixed(1)} ms apart, at a pace of ${intervalMs} ms`,
      );
    return violations;
  });
  return [...refusals, ...crowded];
}
