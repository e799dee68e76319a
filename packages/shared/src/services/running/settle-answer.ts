/**
 * Steps 6 and 7 of a job: store what was paid for, and settle.
 *
 * Images go to the spool and the object store, and then the job has succeeded. For a fault, the
 * retry policy decides (`domain/retry-policy.ts`): the job is retried, held or failed. Nothing here
 * gives up while the database or the store is unavailable: the answer has been paid for.
 */
import { actualCost } from '../../models/cost/actual-cost.ts';
import { findModel } from '../../models/model-table.ts';
import { recordableMicros, toMicros } from '../../domain/money.ts';
import {
  decideAfter,
  type AttemptHistory,
  type RefusalReason,
  type RetryDecision,
} from '../../domain/retry-policy.ts';
import type { Fault, Refused } from '../../provider/faults/classify-fault.ts';
import type { FaultCode } from '../../provider/faults/fault-codes.ts';
import type { AnsweredImage } from '../../provider/answer/read-images.ts';
import type { AttemptSummary } from '../../records/jobs/claims.ts';
import type {
  AnswerFacts,
  FaultSettlement,
  SettledImages,
} from '../../records/jobs/settlements.ts';
import type { KeptImage } from '../../records/images/kept-images.ts';
import { releaseIfJudged } from '../../records/jobs/refusals.ts';
import { storeImages } from './answers.ts';
import type { ClaimedJob, MadeCall, RunDeps, RunOutcome } from './claimed-job.ts';
import { learnFrom } from './learn-tokens.ts';
import { recordFault, recordImages } from './record-outcome.ts';
import { closeAfterRefusal, endRowOfShape, judgeShape, type Course } from './pool-faults.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { cancelledByForce } from '../cancelled-by-force.ts';
import { withoutLimit } from '../retry-limits.ts';
import type { CallOutcome } from '../../provider/call-outcome.ts';

/**
 * Steps 6 and 7 after a call.
 * @param opened what the answer says of its pool is being recorded; the job is settled after that,
 * but images that were paid for are kept before
 */
export async function settleAnswer(
  deps: RunDeps,
  claimed: ClaimedJob,
  call: MadeCall,
  answer: CallOutcome,
  opened: Promise<void>,
): Promise<RunOutcome> {
  const { attemptNo } = call;
  const facts: AnswerFacts = {
    httpStatus: answer.httpStatus,
    providerRequestId: answer.providerRequestId,
    usage: answer.usage,
    svgUsage: answer.svgUsage ?? null,
    costMicros: recordableMicros(
      toMicros(actualCost(answer.usage, findModel(claimed.job.model), answer.svgUsage ?? null)),
    ),
    ...(answer.status === 'images' && { chosen: answer.chosen, warnings: answer.warnings }),
  };
  if (answer.status === 'fault') {
    const { fault } = answer;
    await opened;
    const course = await retryWhileUnavailable(
      () => findCourse(deps, claimed, call, fault),
      withoutLimit('block', claimed.log),
    );
    const outcome = await settleFailedCall(deps, claimed, attemptNo, fault, facts, course);
    return outcome.status === 'later' && course?.action === 'retry' && course.delayMs > 0
      ? restUnlessJudged(deps, claimed, call, outcome)
      : outcome;
  }

  const attempt = { jobId: claimed.job.id, no: attemptNo };
  const answered = { facts, images: answer.images };
  let spooled: { synced: Promise<void> } | null = null;
  const logUnspooled = (err: unknown) => {
    claimed.log.error({ err }, 'an answer could not be written to the spool');
    return (spooled = null);
  };
  // The answer is safe once the spool or the object store has it, and it must reach the object
  // store in the end. So the one that is unavailable is tried again.
  const kept = await retryWhileUnavailable(
    async () => {
      spooled ??= await deps.spool.keep(attempt, answered).catch(logUnspooled);
      // Upload the images while the disk flushes: the spooled answer already survives a crash of
      // this process, and after the flush it survives a power cut.
      const [images] = await Promise.all([
        storeImages(deps.store, attempt, answer.images),
        spooled?.synced.catch(logUnspooled),
      ]);
      return images;
    },
    withoutLimit('images', claimed.log),
  );
  await opened;
  const settled = await settleStored(deps, claimed, attemptNo, facts, kept);
  // The pool was not watched yet when this call was started.
  if (settled?.isPoolWatched === true && !call.isReported)
    await retryWhileUnavailable(
      () => endRowOfShape(deps, claimed, call),
      withoutLimit('pool', claimed.log),
    );
  if (settled !== null) deps.thumbhashes.offer(claimed.job.id, answer.images);
  learnFrom(deps, claimed.job, call, { ...facts, images: answer.images.length });
  return { status: 'done' };
}

/** Steps 6 and 7 for images that were found in the spool after a crash. */
export async function storeAndSettle(
  deps: RunDeps,
  claimed: ClaimedJob,
  attemptNo: number,
  facts: AnswerFacts,
  images: readonly AnsweredImage[],
): Promise<RunOutcome> {
  const attempt = { jobId: claimed.job.id, no: attemptNo };
  const kept = await retryWhileUnavailable(
    () => storeImages(deps.store, attempt, images),
    withoutLimit('images', claimed.log),
  );
  const settled = await settleStored(deps, claimed, attemptNo, facts, kept);
  if (settled !== null) deps.thumbhashes.offer(claimed.job.id, images);
  return { status: 'done' };
}

/**
 * Step 7 for images that are in the object store. Null: the job was settled or taken over before.
 */
export async function settleStored(
  deps: RunDeps,
  { claim, job, log }: ClaimedJob,
  attemptNo: number,
  facts: AnswerFacts,
  kept: readonly KeptImage[],
): Promise<SettledImages | null> {
  const settled = await recordImages(deps, log, { claim, attemptNo, facts, images: kept });
  await deps.spool.discard({ jobId: job.id, no: attemptNo });
  if (settled !== null && job.request.composite !== undefined) deps.compositor.wake();
  log.info(
    { attempt: attemptNo, images: kept.length, settled: settled !== null },
    settled !== null
      ? 'the job succeeded'
      : 'the job was settled or taken over before this answer; the answer is recorded',
  );
  return settled;
}

/** What a refusal or a useless answer says of others than its job; null: nothing. */
async function findCourse(
  deps: RunDeps,
  claimed: ClaimedJob,
  call: MadeCall,
  fault: Fault,
): Promise<Course | null> {
  if (fault.class === 'refused' && fault.owner !== 'call')
    return closeAfterRefusal(deps, claimed, call, fault);
  return fault.class === 'unusable' ? judgeShape(deps, claimed, call, fault) : null;
}

/** Another job may have been answered before this one was settled to wait for that. */
async function restUnlessJudged(
  deps: RunDeps,
  { job, log }: ClaimedJob,
  { deployment, attemptNo }: MadeCall,
  rest: RunOutcome,
): Promise<RunOutcome> {
  const isReleased = await retryWhileUnavailable(
    () => releaseIfJudged(deps.db, { deployment }, { jobId: job.id, attemptNo }),
    withoutLimit('verdict', log),
  );
  return isReleased ? { status: 'later', delayMs: 0 } : rest;
}

/**
 * Step 7 for a call that gave no image, or whose outcome is unknown: the job is retried, held or
 * failed.
 * @param course what follows, if it is known already; otherwise the retry policy decides
 */
export async function settleFailedCall(
  deps: RunDeps,
  claimed: ClaimedJob,
  attemptNo: number,
  fault: Fault,
  facts: AnswerFacts,
  course: Course | null = null,
): Promise<RunOutcome> {
  const { claim, job, signal, log } = claimed;
  const history = historyOf([
    ...claimed.attempts.filter(({ no }) => no !== attemptNo && no > job.retried_after_no),
    { no: attemptNo, status: fault.class, code: fault.code },
  ]);
  const decision = course ?? decideFor(fault, history, deps, job);
  // After a forced cancel has aborted the call, settling turns `queued` into `cancelled`.
  const jobStatus =
    decision.action === 'retry' || signal.aborted
      ? 'queued'
      : decision.action === 'hold'
        ? 'held'
        : 'failed';
  const delayMs = decision.action === 'retry' ? decision.delayMs : 0;
  const { code, message } = signal.aborted && fault.class === 'unknown' ? cancelledByForce : fault;
  const settlement: FaultSettlement = {
    attemptStatus: fault.class,
    error: {
      code: isOwnRefusal(fault, decision) ? 'provider_refused' : code,
      message,
      param: fault.class === 'rejected' ? fault.param : null,
      moderation: fault.class === 'rejected' ? fault.moderation : null,
    },
    facts,
    atRiskMicros: mayHaveCost(fault, facts) ? (job.cost_estimated_micros ?? 0) : 0,
    jobStatus,
    delayMs,
    waitReason: course?.action === 'retry' ? course.reason : 'retry',
  };
  const became = await recordFault(deps, log, { claim, attemptNo, fault: settlement });
  log.warn(
    {
      attempt: attemptNo,
      class: fault.class,
      code: fault.code,
      httpStatus: facts.httpStatus,
      became,
    },
    'the call gave no image',
  );
  return became === 'queued' ? { status: 'later', delayMs } : { status: 'done' };
}

/**
 * Whether the call may have cost money that is not known. An unusable answer was billed as well; if
 * it does not say how much, its cost is as unknown as that of a lost answer.
 */
function mayHaveCost(fault: Fault, facts: AnswerFacts): boolean {
  return fault.class === 'unknown' || (fault.class === 'unusable' && facts.costMicros === null);
}

function decideFor(
  fault: Fault,
  history: AttemptHistory,
  deps: RunDeps,
  job: ClaimedJob['job'],
): RetryDecision {
  const settings = { maxAttempts: job.max_attempts, unknownOutcome: deps.config.unknownOutcome };
  return decideAfter(weigh(fault, job.source_file_ids !== null), history, settings, Math.random());
}

function weigh(fault: Fault, isEdit: boolean): Parameters<typeof decideAfter>[0] {
  switch (fault.class) {
    case 'refused':
      return { class: fault.class, because: reasonOf(fault) };
    case 'rejected':
      return { class: fault.class, isPassing: isEdit && fault.isPassing };
    case 'unusable':
      return { class: fault.class, mayRepeat: fault.mayRepeat };
    case 'unknown':
      return { class: fault.class };
  }
}

function reasonOf({ code, owner }: Refused): RefusalReason {
  if (owner !== 'call') return 'pool_waits';
  if (code === ('start_missed' satisfies FaultCode)) return 'start_missed';
  return isUnsendable(code) ? 'unsendable' : 'unreachable';
}

function isOwnRefusal(fault: Fault, { action }: RetryDecision): boolean {
  return fault.class === 'refused' && fault.owner !== 'call' && action === 'fail';
}

function isUnsendable(code: string | null): boolean {
  return code === ('not_sendable' satisfies FaultCode);
}

function historyOf(attempts: readonly AttemptSummary[]): AttemptHistory {
  const count = (status: AttemptSummary['status']) =>
    attempts.filter((attempt) => attempt.status === status).length;
  const lastOther = attempts.findLastIndex((attempt) => attempt.status !== 'refused');
  return {
    made: attempts.length - count('refused'),
    unknown: count('unknown'),
    unusable: count('unusable'),
    rejected: count('rejected'),
    refusedInARow: attempts.length - 1 - lastOther,
    unsendable: attempts.slice(lastOther + 1).filter(({ code }) => isUnsendable(code)).length,
  };
}
