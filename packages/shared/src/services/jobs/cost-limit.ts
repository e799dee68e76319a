/** The most that is paid for jobs, as answers show it. */
import type { Config } from '../../config.ts';
import { toUsd } from '../../domain/money.ts';
import { mostPaidCalls } from '../../domain/retry-policy.ts';
import type { Unbounded } from '../../models/cost/cost-bound.ts';

export interface CostLimit {
  at_most: number | null;
  at_most_reason: string | null;
}

/** Adds the bounds of one call of each job, and counts the jobs that have none. */
export interface BoundSum {
  micros: number;
  unbounded: number;
  /** Why the first of them has none. */
  because: Unbounded | null;
}

export function createBoundSum(): BoundSum {
  return { micros: 0, unbounded: 0, because: null };
}

export function addBound(sum: BoundSum, bound: number | Unbounded): void {
  if (typeof bound === 'number') sum.micros += bound;
  else {
    sum.unbounded += 1;
    sum.because ??= bound;
  }
}

const reasons: Readonly<Record<Unbounded, string>> = {
  unknown_model: 'the model table has no price for the model',
  svg: 'the model that writes an SVG document may use any number of tokens',
  unknown_size: 'the tokens of this size and quality are not known',
};

/** @param jobs how many jobs the sum is of; 1 for a single job */
export function toCostLimit(
  config: Pick<Config, 'maxAttempts' | 'unknownOutcome'>,
  { micros, unbounded, because }: BoundSum,
  jobs = 1,
): CostLimit {
  if (because === null)
    return { at_most: toUsd(micros * mostPaidCalls(config)), at_most_reason: null };
  const reason = reasons[because];
  return {
    at_most: null,
    at_most_reason: jobs === 1 ? reason : `${unbounded} of ${jobs} rows: ${reason}`,
  };
}
