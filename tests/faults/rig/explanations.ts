/**
 * Explains an attempt of unknown outcome, or with an unusable answer, by the faults that the test
 * injected into it.
 */
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import type { FaultEnvironment, InjectedFault } from './environment.ts';
import type { AttemptFacts } from './attempt-facts.ts';

/** Allows for two readings of the clock and the delivery of a signal. */
const marginMs = 250;
/** An answer that is older than this was in the spool before its worker was killed. */
const spooledMs = 1_000;

/** Returns null when no injected fault explains the attempt. */
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
    // With one machine, every worker sees the spool, so an answer that was kept there explains no
    // second call.
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
