/**
 * Why an attempt's outcome was not known, or its answer of no use: what was staged on it, and
 * nothing else.
 */
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import type { FaultEnvironment, InjectedFault } from './environment.ts';
import type { AttemptFacts } from './attempt-facts.ts';

/** Two readings of a clock, and the way of a signal. */
const marginMs = 250;
/** Longer ago, an answer was in the spool when its worker was killed. */
const spooledMs = 1_000;

/** null: nothing was done to the attempt. */
export function explain(
  environment: Pick<FaultEnvironment, 'injected' | 'dataFolders'>,
  attempt: AttemptFacts,
  entry: LedgerEntry | undefined,
): string | null {
  if (entry?.fault !== undefined && entry.fault !== null) return `the provider: ${entry.fault}`;
  const from = attempt.started_at.getTime() - marginMs;
  const to = (attempt.finished_at?.getTime() ?? Number.POSITIVE_INFINITY) + marginMs;
  const isOneMachine = environment.dataFolders().length === 1;
  const fault = environment.injected.find(({ kind, atMs, untilMs = atMs, worker }) => {
    const isMeant = worker === null || worker === attempt.worker;
    // Every worker sees the only machine's disk: what lay there is no reason for another call.
    const wasKept =
      isOneMachine &&
      kind === 'killed' &&
      entry !== undefined &&
      entry.finished_at < atMs - spooledMs;
    return isMeant && !wasKept && untilMs >= from && atMs <= to;
  });
  return fault === undefined ? null : sentences[fault.kind];
}

const sentences: Readonly<Record<InjectedFault['kind'], string>> = {
  killed: 'its worker was killed',
  frozen: 'its worker was frozen',
  'provider-cut': 'the connection to the provider was cut',
  'answer-withheld': 'its answer was held on the way, or before the disk',
};
