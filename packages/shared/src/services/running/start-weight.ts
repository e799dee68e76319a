/**
 * What the start of a job's call takes from its pool's quota, and what is given back when the call
 * used less.
 */
import type { StartWeight } from '../../domain/quota.ts';
import type { Logger } from '../../logger.ts';
import { usedTokensOf } from '../../models/cost/actual-cost.ts';
import { nothingLearnt } from '../../models/cost/learnt-tokens.ts';
import { upperTokensOf } from '../../models/cost/upper-tokens.ts';
import type { CallOutcome } from '../../provider/call-outcome.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import { countPictures } from '../edits/sources.ts';
import type { RunDeps } from './claimed-job.ts';

/** A start that was granted to a call. */
export interface WeighedStart {
  pool: string;
  /** Identifies the start (`PoolGuard.corrected`). */
  grantedAtMs: number;
  weight: StartWeight;
}

/** The start was granted, and no call follows. */
export const unused: StartWeight = { images: 0, tokens: 0 };

/** Jobs that were accepted before their tokens were stored are estimated here. */
export function weightOf({ n, tokens_estimated: tokens, request, model }: JobRow): StartWeight {
  const pictures = Array.from({ length: countPictures(request) }, () => null);
  const facts = { model, provider: 'openai', pictures, learnt: nothingLearnt } as const;
  return { images: n, tokens: tokens ?? upperTokensOf(request, facts) };
}

/**
 * What a call used; null if its answer does not say, and it may have used all of its weight. The
 * images that were asked for count even if fewer came.
 */
export function usedBy(answer: CallOutcome, { images }: StartWeight): StartWeight | null {
  const tokens = usedTokensOf(answer.usage);
  if (tokens !== null) return { images, tokens };
  const isUnsent =
    answer.status === 'fault' && answer.fault.class === 'refused' && answer.httpStatus === null;
  return isUnsent ? unused : null;
}

/**
 * Corrects the start to what its call used. Best effort: without it, the pool only waits longer
 * than it has to, for a minute.
 */
export async function correctStart(
  { config, guard }: Pick<RunDeps, 'config' | 'guard'>,
  { pool, grantedAtMs, weight }: WeighedStart,
  used: StartWeight | null,
  log: Logger,
): Promise<void> {
  const quota = config.pools.find(({ name }) => name === pool);
  const isMetered = quota !== undefined && (quota.ipm !== null || quota.tpm !== null);
  if (!isMetered || used === null) return;
  await guard
    .corrected(pool, grantedAtMs, { weight, used })
    .catch((err: unknown) =>
      log.warn({ err, pool }, 'what a call did not use of the quota could not be given back'),
    );
}
