/**
 * Runs one job in a worker: claim it, use an earlier answer, fetch its sources, take a start, open
 * an attempt, call the provider, store the images, settle.
 *
 * Every step is a compare-and-set or can be repeated, so the process may die between any two of
 * them: the job is found again, and a call that was answered is not repeated. Recovering, fetching
 * sources, returning a job and settling it are in files beside this one.
 */
import { kindOfTag } from '../../domain/queue/tags.ts';
import { fitsAMinute } from '../../domain/quota.ts';
import { findDeployment } from '../../models/deployment.ts';
import type { Fault } from '../../provider/faults/classify-fault.ts';
import type { EditSources } from '../../provider/edit-form.ts';
import type { FaultCode } from '../../provider/faults/fault-codes.ts';
import type { Logger } from '../../logger.ts';
import { isDatabaseAway, retryWhileUnavailable } from '../../records/database/availability.ts';
import type { Claim } from '../../records/jobs/claims.ts';
import { forgetRefusals, readVerdict } from '../../records/jobs/refusals.ts';
import { unknownFacts } from './answers.ts';
import type { ClaimedJob, MadeCall, RunDeps, RunOutcome } from './claimed-job.ts';
import { isUnavailable, withoutLimit } from '../retry-limits.ts';
import { openPoolAfterAnswer, yieldMs } from './pool-faults.ts';
import { createPreviewKeeper } from './previews.ts';
import { endFailingJob, endUnclaimableJob } from './end-failing-job.ts';
import { recordFault } from './record-outcome.ts';
import type { Start } from './gate/start-gate.ts';
import { recoverAttempts } from './recover-attempts.ts';
import { returnJob } from './return-job.ts';
import { settleAnswer, settleFailedCall } from './settle-answer.ts';
import { correctStart, unused, usedBy, weightOf } from './start-weight.ts';
import { fetchSources } from './fetch-sources.ts';
import type { CallOutcome } from '../../provider/call-outcome.ts';

/** Settles a job without an attempt: attempts are numbered from 1. */
const noAttempt = 0;
/** How soon a job is tried again after its worker's spool was full. */
const spoolFullDelayMs = 10_000;

interface Work {
  jobId: string;
  dispatchNo: number;
  requestId: string;
}

/**
 * Resolves when the work item has run, and that is as soon as the job has its start, or waits for
 * it and a more urgent job needs the slot: from then on the job is held by its claim alone, and the
 * engine gives this worker the next item. The job goes on in `deps.calls`.
 */
export function runJob(deps: RunDeps, work: Work): Promise<RunOutcome> {
  const item = Promise.withResolvers<RunOutcome>();
  const job = claimAndExecute(deps, work, () => item.resolve({ status: 'done' })).then(
    item.resolve,
    item.reject,
  );
  deps.calls.add(job);
  return item.promise;
}

/** @param endItem ends the work item; the job goes on */
async function claimAndExecute(
  deps: RunDeps,
  work: Work,
  endItem: () => void,
): Promise<RunOutcome> {
  const { ticket, claimed: waitForOthers } = deps.gate.enter();
  const claim: Claim = { jobId: work.jobId, dispatchNo: work.dispatchNo, worker: deps.worker };
  const log = deps.log.child({ jobId: work.jobId, requestId: work.requestId });
  const attempt = await deps.refusedClaims
    .claim({
      id: claim.jobId,
      claim: () => deps.ledger.claim(claim),
      end: (runs) => endUnclaimableJob(deps, claim.jobId, runs, log),
      log,
    })
    .finally(waitForOthers);
  if (attempt.status === 'ended') return { status: 'done' };
  if (attempt.status === 'refused') return { status: 'later', delayMs: attempt.delayMs };
  const claimed = attempt.value;
  if (claimed.status === 'stale') return { status: 'done' };
  if (claimed.status === 'early') return { status: 'later', delayMs: claimed.waitMs };

  const { attempts } = claimed;
  const job = { ...claimed.job, pool: claimed.job.pool ?? '' };
  const deployments = deps.routes
    .deploymentsOf(job.route)
    .flatMap(({ name, pool }) => (pool === job.pool ? [name] : []));
  if (deployments.length === 0 || !fitsAMinute(weightOf(job), deps.routes.quotaOf(job.pool))) {
    // The configuration changed after the dispatch; the job waits for a pool that can take it.
    return returnJob(deps, { claim, job, log }, 'not_served');
  }
  const isClosed = deployments.every((name) => claimed.closed.includes(name));
  deps.dispatcher.topUp(job.pool);
  let hasEnded = false;
  const endOnce = (): void => {
    hasEnded = true;
    endItem();
  };
  try {
    const outcome = await deps.leases.during(job.id, (signal) =>
      execute(deps, {
        claim,
        job,
        deployments,
        isClosed,
        attempts,
        ticket,
        endItem: endOnce,
        signal,
        log,
      }),
    );
    if (hasEnded && outcome.status === 'later') await dispatchAgain(deps, claim, job, log);
    return outcome;
  } catch (error) {
    await returnJob(deps, { claim, job, log }, isUnavailable(error) ? 'run_stopped' : 'run_failed');
    // The engine does not run the item again; the reconciler finds that it is gone.
    if (hasEnded) log.error({ err: error }, 'a job failed to run; it runs again later');
    throw error;
  }
}

/** Dispatches a job again whose work item has run already. */
async function dispatchAgain(
  deps: RunDeps,
  { jobId, dispatchNo }: Claim,
  { pool }: ClaimedJob['job'],
  log: Logger,
): Promise<void> {
  await retryWhileUnavailable(
    () => deps.ledger.returnDispatch({ id: jobId, dispatchNo }),
    withoutLimit('dispatch', log),
  );
  deps.dispatcher.wake(pool);
}

async function execute(deps: RunDeps, claimed: ClaimedJob): Promise<RunOutcome> {
  const ended = await endFailingJob(deps, claimed);
  if (ended !== null) return ended;

  const recovered = await recoverAttempts(deps, claimed);
  if (recovered !== null) return recovered;

  const { log } = claimed;
  const judged = await heedVerdict(deps, claimed);
  if (judged !== null) return judged;
  // Take no start for a call that cannot be made: the pool's other deployments can use it.
  if (claimed.isClosed) return returnJob(deps, claimed, 'not_served');

  const staged = await fetchSources(deps, claimed);
  if (staged.status === 'later') return returnJob(deps, claimed, staged.reason, staged.delayMs);
  if (staged.status === 'gone')
    return failWithoutCall(deps, claimed, 'source_missing', staged.message);
  try {
    // Check this after the sources were copied, because the copies may have filled the disk.
    if (!(await deps.spool.hasSpace())) {
      log.error('the spool is full, so no call is made: its answer could not be kept');
      deps.sourceCache.evictUnused();
      return await returnJob(deps, claimed, 'spool_full', spoolFullDelayMs);
    }
    return await callProvider(deps, claimed, staged.sources);
  } finally {
    staged.release();
  }
}

async function callProvider(
  deps: RunDeps,
  claimed: ClaimedJob,
  sources: EditSources | null,
): Promise<RunOutcome> {
  const { job, log } = claimed;
  const taken = await retryWhileUnavailable(
    () =>
      deps.gate.take(job.pool, {
        priority: kindOfTag(job.fair_tag) === 'next' ? job.fair_tag : job.priority,
        ticket: claimed.ticket,
        weight: weightOf(job),
        giveSlot: claimed.endItem,
      }),
    withoutLimit('start', log),
  );
  if (taken.status === 'later') return returnJob(deps, claimed, 'not_ready', taken.delayMs);
  if (taken.status === 'closed') return returnJob(deps, claimed, 'pool_closed', taken.delayMs);
  claimed.endItem();
  try {
    return await callWithStart(deps, claimed, sources, taken.start);
  } finally {
    deps.gate.giveBack(job.pool, taken.start);
    deps.gate.finished(job.pool);
  }
}

async function callWithStart(
  deps: RunDeps,
  claimed: ClaimedJob,
  sources: EditSources | null,
  start: Start,
): Promise<RunOutcome> {
  const { claim, job, deployments, signal, log } = claimed;
  const weighed = { pool: job.pool, ...start };
  const giveBack = () => correctStart(deps, weighed, unused, log);
  const last = claimed.attempts.at(-1);
  const attemptNo = (last?.no ?? 0) + 1;
  const avoid = last?.status === 'refused' ? job.deployment : null;
  const target = await deps.ledger
    .openAttempt({ claim, no: attemptNo, deployments, avoid })
    .catch(unlessUnavailable);
  if (target === 'unheard') {
    // Only this process knows that no call follows.
    const { code, message } = startMissed;
    const error = { code, message, param: null, moderation: null };
    return returnJob(deps, claimed, { unheard: { attemptNo, error } });
  }
  if (target === 'refused') {
    await giveBack();
    return returnJob(deps, claimed, 'not_ready');
  }
  const deployment =
    target === 'closed' ? null : findDeployment(deps.config.deployments, target.deployment);
  if (target === 'closed' || deployment === null) {
    await giveBack();
    return returnJob(deps, claimed, 'not_served');
  }

  const isReported = start.watched || target.isProbe;
  const call: MadeCall = {
    attemptNo,
    pool: job.pool,
    sources,
    startedAtMs: performance.now(),
    isReported,
    ...target,
  };
  let isMissed = false;
  deps.leases.callBegins(job.id);
  const answer = await deps.provider.call(deployment, {
    model: job.model,
    request: job.request,
    sources,
    jobId: job.id,
    attemptNo,
    requestId: job.request_id,
    signal,
    onLimits: (limits) =>
      deps.limitReports.note({ pool: job.pool, deployment: deployment.name }, limits),
    // Connecting takes time, so the start is looked at after it. A probe is made however late it
    // is: without it, the deployment would stay paused for another period.
    async mayWrite() {
      isMissed = !(await deps.gate.untilDue(job.pool, start, target.isProbe));
      if (isMissed) return false;
      call.startedAtMs = performance.now();
      log.info({ attempt: attemptNo, deployment: deployment.name }, 'calling the provider');
      return true;
    },
    onWritten: () => deps.gate.requestWritten(job.pool, start),
    onPartial: createPreviewKeeper(
      { ...deps, log },
      { jobId: job.id, no: attemptNo },
      job.request.partial_images !== undefined,
    ).offer,
  });
  if (isMissed) {
    await giveBack();
    return settleFailedCall(deps, claimed, attemptNo, startMissed, unknownFacts);
  }
  const opened =
    isReported && isExecuted(answer)
      ? retryWhileUnavailable(
          () => openPoolAfterAnswer(deps, claimed, call, answer),
          withoutLimit('pool', log),
        )
      : Promise.resolve();
  // `settleAnswer` awaits it, once the images are safe.
  void opened.catch(() => undefined);
  const [outcome] = await Promise.all([
    settleAnswer(deps, claimed, call, answer, opened),
    correctStart(deps, weighed, usedBy(answer, start.weight), log),
  ]);
  return outcome;
}

/**
 * Heeds what was found about the last refusal of the job: fails it if the refusal was its own, or
 * sends it back while other jobs are to be tried before it. Null: the job may be called for.
 */
async function heedVerdict(deps: RunDeps, claimed: ClaimedJob): Promise<RunOutcome | null> {
  const { job, deployments, attempts, log } = claimed;
  const last = attempts.at(-1);
  if (last?.status !== 'refused' || !/^(?:pool|model)_paused/.test(last.code ?? '')) return null;
  const verdict = await retryWhileUnavailable(
    () => readVerdict(deps.db, job, deployments),
    withoutLimit('verdict', log),
  );
  if (verdict.status === 'yields') return returnJob(deps, claimed, 'not_ready', yieldMs(deps));
  if (verdict.status === 'none') return null;
  const outcome = await failWithoutCall(deps, claimed, 'provider_refused', verdict.message);
  await retryWhileUnavailable(() => forgetRefusals(deps.db, job.id), withoutLimit('verdict', log));
  return outcome;
}

/** Fails a job for which another try would end the same. */
async function failWithoutCall(
  deps: RunDeps,
  { claim, log }: ClaimedJob,
  code: Extract<FaultCode, 'source_missing' | 'provider_refused'>,
  message: string,
): Promise<RunOutcome> {
  const param = code === 'source_missing' ? 'images' : null;
  const error = { code, message, param, moderation: null };
  await recordFault(deps, log, {
    claim,
    attemptNo: noAttempt,
    fault: {
      attemptStatus: 'refused',
      error,
      facts: unknownFacts,
      atRiskMicros: 0,
      jobStatus: 'failed',
      delayMs: 0,
    },
  });
  log.warn({ code, message }, 'the job failed without another call');
  return { status: 'done' };
}

function unlessUnavailable(error: unknown): 'unheard' {
  if (isDatabaseAway(error)) return 'unheard';
  throw error;
}

/**
 * The database was slow or unavailable between the grant of a start and the call, which would be
 * one too many for the quota now; or this process was asked to stop in between.
 */
const startMissed: Fault = {
  class: 'refused',
  code: 'start_missed',
  message: 'No call was made: its start was over, or its worker was stopping',
  waitMs: null,
  owner: 'call',
  isCertain: true,
  status: null,
};

/**
 * The provider executed the call, whatever its outcome, so it does not refuse calls any more. A
 * refusal of the content with another status than 400 may come from a gateway before the provider.
 */
function isExecuted(answer: CallOutcome): boolean {
  if (answer.status === 'images') return true;
  const { fault } = answer;
  return fault.class === 'unusable' || (fault.class === 'rejected' && isOfProvider(fault.status));
}

function isOfProvider(status: number): boolean {
  return status === 400 || status === 413 || status === 422;
}
