/**
 * Step 2 of a job: use an answer that an earlier worker received and did not record.
 *
 * A job with an attempt that is not settled was claimed by a worker that died or lost its claim.
 * If the answer had reached the spool or the object store, it is used and no call is made; if not,
 * the outcome of the attempt is unknown. The images of an attempt that succeeded after its worker
 * had lost the job are used as well.
 */
import { maxCrashes } from '../../domain/retry-policy.ts';
import { classifyFault } from '../../provider/faults/classify-fault.ts';
import type { FaultCode } from '../../provider/faults/fault-codes.ts';
import { findAttempt } from '../../records/jobs/attempts.ts';
import type { AttemptSummary } from '../../records/jobs/claims.ts';
import type { AnswerFacts } from '../../records/jobs/settlements.ts';
import { findStoredImages, inspectAll, unknownFacts } from './answers.ts';
import type { ClaimedJob, RunDeps, RunOutcome } from './claimed-job.ts';
import { recordFault } from './record-outcome.ts';
import { storeAndSettle, settleFailedCall, settleStored } from './settle-answer.ts';

/** Settles a job without an attempt: attempts are numbered from 1. */
const noAttempt = 0;

/** Returns null when no answer was found and the job may be called for. */
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
  if (claimed.job.crashes >= maxCrashes) return failPoisonJob(deps, claimed, lost);
  if (lost === undefined) return null;
  return settleFailedCall(
    deps,
    claimed,
    lost.no,
    classifyFault({ kind: 'worker_lost' }, Date.now()),
    unknownFacts,
  );
}

/** Fails a job that crashes its workers: it would take the other jobs of each worker down too. */
async function failPoisonJob(
  deps: RunDeps,
  { claim, job, log }: ClaimedJob,
  lost: AttemptSummary | undefined,
): Promise<RunOutcome> {
  const message = `${job.crashes} workers were lost while they executed this job`;
  await recordFault(deps, log, {
    claim,
    attemptNo: lost?.no ?? noAttempt,
    fault: {
      attemptStatus: lost === undefined ? 'refused' : 'unknown',
      error: { code: 'poison_job' satisfies FaultCode, message, param: null, moderation: null },
      facts: unknownFacts,
      atRiskMicros: lost === undefined ? 0 : (job.cost_estimated_micros ?? 0),
      jobStatus: 'failed',
      delayMs: 0,
    },
  });
  log.error(
    { crashes: job.crashes },
    'the job failed: its workers were lost again and again while they executed it',
  );
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
    log.info({ attempt: attemptNo }, 'an answer of a lost worker was found in the spool');
    return storeAndSettle(
      deps,
      claimed,
      attemptNo,
      spooled.facts as AnswerFacts,
      await inspectAll(spooled.images),
    );
  }
  const images = await findStoredImages(deps.store, attempt);
  if (images === null) return null;
  log.info({ attempt: attemptNo }, 'an answer of a lost worker was found in the object store');
  await settleStored(deps, claimed, attemptNo, await factsOf(deps, job, attemptNo), images);
  return { status: 'done' };
}

/**
 * The facts of a succeeded attempt are in the records. Otherwise they were lost with the spool, and
 * the estimate stands in for the cost.
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
    svgUsage: attempt.svg_usage,
    costMicros: attempt.cost_micros,
  };
}
