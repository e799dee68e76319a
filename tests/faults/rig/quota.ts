/**
 * The quota as the provider sees it: from the times at which it received the calls that took a
 * start of it, and those that it had to turn away because there was none left. The minute is scaled
 * in these tests, and what a pace spares of it is scaled with it (0.6 %, 36 ms of 6 s); what a busy
 * machine keeps a process waiting is not. So that much is allowed for, and where the pace itself is
 * proved, starts are twice as far apart: one too many is seen.
 */
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';

/**
 * Between the grant of a start and its request lie a statement and, in a process that has just
 * begun, up to 100 ms of loading code. Kiln spaces the next start from the request; but where that
 * lateness exceeds the spacing itself, the next one was granted before. That is not scaled with the
 * minute, so gaps are judged from this spacing on; the starts of a minute are judged at any.
 */
const shortestJudgedMs = 200;
/**
 * What two requests lose on their way differs by so much on a busy machine; never as much as a
 * start, or one too many would not be seen. The simulator's own quota allows for it as well.
 */
export function jitterMsOf({ rpm, minuteMs }: { rpm: number; minuteMs: number }): number {
  return Math.min(100, minuteMs / rpm / 2);
}

const closest = 0.95;

/**
 * One sentence for every start that was one too many in a minute or a slice of it, or too close to
 * the one before it.
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
        `the provider's quota had no start for attempt ${entry.kiln_attempt_id} of ${entry.kiln_job_id}`,
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
