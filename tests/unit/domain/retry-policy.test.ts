/** The most calls that are paid for, against every course that the decisions allow. */
import {
  decideAfter,
  mostPaidCalls,
  type AttemptHistory,
  type RetrySettings,
  type UnknownOutcomePolicy,
} from '@kiln/shared/domain/retry-policy';
import { expect, test } from 'vitest';

/** A call with this outcome may have been billed. */
const billed = ['unknown', 'unusable'] as const;

/** The longest course of calls that may be billed, ended by one that succeeds. */
function longest(settings: RetrySettings, history: AttemptHistory): number {
  const next = billed.map((outcome) => {
    const after = { ...history, made: history.made + 1, [outcome]: history[outcome] + 1 };
    const fault =
      outcome === 'unknown'
        ? ({ class: 'unknown' } as const)
        : ({ class: 'unusable', mayRepeat: true } as const);
    const { action } = decideAfter(fault, after, settings, 0);
    return action === 'retry' ? 1 + longest(settings, after) : 1;
  });
  return Math.max(...next);
}

test.each(
  (['hold', 'retry_once', 'retry'] as const).flatMap((unknownOutcome: UnknownOutcomePolicy) =>
    [1, 2, 3, 5].map((maxAttempts) => ({ unknownOutcome, maxAttempts })),
  ),
)('$unknownOutcome with $maxAttempts attempts', (settings) => {
  const nothing: AttemptHistory = {
    made: 0,
    unknown: 0,
    unusable: 0,
    rejected: 0,
    refusedInARow: 0,
    unsendable: 0,
  };
  expect(mostPaidCalls(settings)).toBe(longest(settings, nothing));
});
