/**
 * Step 2, look first: a job that comes back with an attempt nobody settled belongs to a worker that
 * died or lost its claim. If the answer had reached the spool or the object store it is used, and
 * no call is made; otherwise the attempt's outcome is unknown. An attempt that has succeeded, of a
 * job that has not, was settled by a worker whose claim was lost already: its images are used as
 * well.
 */
import { crashesOfPoison } from '../../domain/retry-policy.ts';
import { classifyFault } from '../../provider/faults/classify-fault.ts';
import type { FaultCode } from '../../provider/faults/fault-codes.ts';
import { findAttempt } from '../../records/jobs/attempts.ts';
import type { AttemptSummary } from '../../records/jobs/claims.ts';
import { settleFault, type AnswerFacts } from '../../records/jobs/settlements.ts';
import { findStoredImages, inspectAll, unknownFacts } from './answers.ts';
import type { ClaimedJob, RunDeps, RunOutcome } from './claimed-job.ts';
import { keepImages, settleFailedCall, settleKept } from './settle-answer.ts';

/** Attempts are numbered from 1. */
const noAttempt = 0;

/** null: nothing stands in the way of a call. */
export async function recoverAttempts(
  deps: RunDeps,
  claimed: ClaimedJob,
): Promise<RunOutcome | null> {
  const answered = claimed.attempts.filter(
    ({ status }) => status === 'in_flight' || status === 'unknown' || status === 'succeeded',
  );
  for (const { no } of answered.toReversed()) {
    const recovered = await recoverAnswer(deps, claimed, no);
    if (recovered !== null) return recovered;
  }
  const lost = answered.find(({ status }) => status === 'in_flight');
  if (claimed.job.crashes >= crashesOfPoison) return failPoisonous(deps, claimed, lost);
  if (lost === undefined) return null;
  return settleFailedCall(
    deps,
    claimed,
    lost.no,
    classifyFault({ kind: 'worker_lost' }, Date.now()),
    unknownFacts,
  );
}

/** One job must not take every worker down that touches it, and the jobs beside it with them. */
async function failPoisonous(
  deps: RunDeps,
  { claim, job, log }: ClaimedJob,
  lost: AttemptSummary | undefined,
): Promise<RunOutcome> {
  const message = `${job.crashes} workers were lost with this job in their hands`;
  await settleFault(deps.db, claim, lost?.no ?? noAttempt, {
    attemptStatus: lost === undefined ? 'refused' : 'unknown',
    error: { code: 'poison_job' satisfies FaultCode, message, param: null, moderation: null },
    facts: unknownFacts,
    atRiskMicros: lost === undefined ? 0 : (job.cost_estimated_micros ?? 0),
    jobStatus: 'failed',
    delayMs: 0,
  });
  log.error({ crashes: job.crashes }, 'the job was failed: workers die with it in their hands');
  return { status: 'done' };
}

async function recoverAnswer(
  deps: RunDeps,
  claimed: ClaimedJob,
  attemptNo: number,
): Promise<RunOutcome | null> {
  const { job, log } = claimed;
  const attempt = { jobId: job.id, no: attemptNo };
  const spooled = await deps.spool.find(attempt);
  if (spooled !== null) {
    log.info({ attempt: attemptNo }, 'the answer was found in the spool');
    return keepImages(
      deps,
      claimed,
      attemptNo,
      spooled.facts as AnswerFacts,
      await inspectAll(spooled.images),
    );
  }
  const images = await findStoredImages(deps.store, attempt);
  if (images === null) return null;
  log.info({ attempt: attemptNo }, 'the answer was found in the object store');
  return settleKept(deps, claimed, attemptNo, await factsOf(deps, job, attemptNo), images);
}

/**
 * As far as the attempt was settled; otherwise they were lost with the spool, and the estimate
 * stands in for the cost.
 */
async function factsOf(
  deps: RunDeps,
  job: ClaimedJob['job'],
  attemptNo: number,
): Promise<AnswerFacts> {
  const attempt = await findAttempt(deps.db, job.id, attemptNo);
  if (attempt?.status !== 'succeeded')
    return { ...unknownFacts, costMicros: job.cost_estimated_micros };
  return {
    httpStatus: attempt.http_status,
    providerRequestId: attempt.provider_request_id,
    usage: attempt.usage,
    costMicros: attempt.cost_micros,
  };
}
