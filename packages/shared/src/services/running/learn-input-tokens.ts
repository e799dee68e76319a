/** Learns from answered edits how many tokens source pictures cost, for later estimates. */
import { imageTokensOf } from '../../models/cost.ts';
import { fidelityOf } from '../../models/input-image-tokens.ts';
import { countInputTokens } from '../../records/jobs/input-image-tokens.ts';
import type { ClaimedJob, RunDeps } from './claimed-job.ts';
import { countPictures } from '../edits/sources.ts';

/** Best effort: an error is only logged, because one edit makes no difference to an estimate. */
export async function learnInputTokens(
  { db }: Pick<RunDeps, 'db'>,
  { job, log }: Pick<ClaimedJob, 'job' | 'log'>,
  usage: object | null,
): Promise<void> {
  const pictures = countPictures(job.request);
  const tokens = imageTokensOf(usage);
  if (pictures === 0 || tokens === null) return;
  const fidelity = fidelityOf(job.model, job.request.input_fidelity);
  await countInputTokens(db, job.model, fidelity, { pictures, tokens }).catch((err: unknown) =>
    log.warn({ err }, 'the input tokens of an edit could not be recorded for later estimates'),
  );
}
