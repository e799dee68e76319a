/**
 * Step 2, look first: a job that comes back with an attempt nobody settled belongs to a worker that died or lost its claim. If the
 * answer had reached the spool or the object store it is used, and no call is made; otherwise the attempt's outcome is unknown.
 */
import { classifyFault } from '../provider/classify-fault.ts';
import type { AnswerFacts } from '../records/settlements.ts';
import { settleSucceeded } from '../records/settlements.ts';
import { findStoredImages, inspectAll, unknownFacts } from './answers.ts';
import type { ClaimedJob, RunDeps, RunOutcome } from './claimed-job.ts';
import { keepImages, settleFailedCall } from './settle-answer.ts';

/** null: nothing stands in the way of a call. */
export async function recoverAttempts(deps: RunDeps, claimed: ClaimedJob): Promise<RunOutcome | null> {
  const unsettled = claimed.attempts.filter(({ status }) => status === 'in_flight' || status === 'unknown');
  for (const { no } of unsettled.toReversed()) {
    const recovered = await recoverAnswer(deps, claimed, no);
    if (recovered !== null) return recovered;
  }
  const lost = unsettled.find(({ status }) => status === 'in_flight');
  if (lost === undefined) return null;
  return settleFailedCall(deps, claimed, lost.no, classifyFault({ kind: 'worker_lost' }, Date.now()), unknownFacts);
}

async function recoverAnswer(deps: RunDeps, claimed: ClaimedJob, attemptNo: number): Promise<RunOutcome | null> {
  const { claim, job, log } = claimed;
  const attempt = { jobId: job.id, no: attemptNo };
  const spooled = await deps.spool.find(attempt);
  if (spooled !== null) {
    log.info({ attempt: attemptNo }, 'the answer was found in the spool');
    return keepImages(deps, claimed, attemptNo, spooled.facts as AnswerFacts, await inspectAll(spooled.images));
  }
  const images = await findStoredImages(deps.store, attempt, job.request.n ?? 1);
  if (images === null) return null;
  log.info({ attempt: attemptNo }, 'the answer was found in the object store');
  // What the provider reported of it is lost with the spool; the estimate stands in for the cost.
  await settleSucceeded(deps.db, claim, attemptNo, { ...unknownFacts, costMicros: job.cost_estimated_micros }, images);
  return { status: 'done' };
}
