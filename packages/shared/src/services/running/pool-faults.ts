/**
 * Opens or closes pools, deployments and models after an answer, and decides about a job whose call
 * was refused, or answered with nothing that can be used.
 *
 * Problem: a refusal may be the job's, its model's, the deployment's or the pool's, and one bad job
 * must stop the others as little as one broken key may fail them.
 * Approach: what the answer names counts. If it names nothing, the next call is another job's: its
 * outcome says whose the refusal was (`refusal-course.ts`, `records/jobs/refusals.ts`).
 * Guarantee: nothing is paused while other jobs are answered, and no job fails for what others are
 * refused for as well.
 */
import { courseAfterRefusal } from './refusal-course.ts';
import type { WaitReason } from '../../schemas/job.ts';
import type { Refused } from '../../provider/faults/classify-fault.ts';
import type { CallOutcome } from '../../provider/call-outcome.ts';
import { recordImages, recordShape } from '../../records/jobs/answer-shapes.ts';
import {
  forgetRefusals,
  pauseModel,
  recordAnswer,
  recordRefusal,
  unusableAnswers,
  wakeForProbe,
  type RefusalFacts,
  type RefusalScope,
  type RefusedCall,
} from '../../records/jobs/refusals.ts';
import { findDeployment } from '../../models/deployment.ts';
import type { ClaimedJob, MadeCall, RunDeps } from './claimed-job.ts';
import { cutText } from '../../schemas/text.ts';

/** What follows for the job, if that is not left to the retry policy. */
export type Course = { action: 'retry'; delayMs: number; reason: WaitReason } | { action: 'fail' };

/** Minutes of the provider between probes. A cause that may be a single job's is probed soon. */
const probesOfUnclear = { first: 1 / 12, longest: 15 };
const probesOfCertain = { first: 1, longest: 15 };
/** Each probe of a deployment that answers with nothing usable is paid for. */
const probesOfAnswers = { first: 15, longest: 240 };
/** So many unusable answers of one shape in a row pause the deployment. */
const mostOfShape = 3;

/**
 * Call this after a call that was executed: the cause of earlier refusals here is over, and jobs
 * that were refused meanwhile caused that themselves.
 */
export async function openPoolAfterAnswer(
  deps: RunDeps,
  { job, log }: Pick<ClaimedJob, 'job' | 'log'>,
  call: MadeCall,
  answer: CallOutcome,
): Promise<void> {
  const { deployment, attemptNo } = call;
  const row =
    answer.status === 'images'
      ? await recordImages(deps.db, deployment, { jobId: job.id, attemptNo })
      : 0;
  await openPool(deps, { job, log }, call, row >= mostOfShape);
}

/**
 * Call this after images whose pool was not watched yet when the call was started. The deployment
 * may have been paused meanwhile for a row of unusable answers: the images end that row.
 */
export async function endRowOfShape(
  deps: RunDeps,
  { job, log }: Pick<ClaimedJob, 'job' | 'log'>,
  call: MadeCall,
): Promise<void> {
  const { deployment, attemptNo } = call;
  const row = await recordImages(deps.db, deployment, { jobId: job.id, attemptNo });
  if (row >= mostOfShape) await openPool(deps, { job, log }, call, true);
}

async function openPool(
  deps: RunDeps,
  { job, log }: Pick<ClaimedJob, 'job' | 'log'>,
  { pool, deployment, attemptNo, isProbe }: MadeCall,
  isRowOver: boolean,
): Promise<void> {
  const judged = await recordAnswer(
    deps.db,
    { pool, deployment },
    { jobId: job.id, attemptNo, model: job.model },
    isRowOver,
  );
  for (const jobId of judged.blamed)
    log.warn(
      { jobId, deployment },
      'the deployment answered another job, so the refusal was the own fault of this one; it fails',
    );
  const { wasPaused } = await deps.guard.answered(pool, deployment);
  if (isProbe) log.info({ deployment }, 'a paused deployment works again');
  if (wasPaused) {
    log.info({ pool }, 'a paused pool works again');
    await deps.dispatcher.redispatch(pool);
  } else if (judged.released.length > 0 || judged.isModelResumed) deps.dispatcher.wake(pool);
}

/** Call this after a refused call that concerns more than itself. */
export async function closeAfterRefusal(
  deps: RunDeps,
  claimed: ClaimedJob,
  call: MadeCall,
  fault: Refused,
): Promise<Course> {
  return fault.owner === 'pool'
    ? blockPool(deps, claimed, call, fault)
    : findOwner(deps, claimed, call, fault);
}

async function blockPool(
  deps: RunDeps,
  { job, log }: ClaimedJob,
  { pool, startedAtMs }: MadeCall,
  { code, message, waitMs: askedMs }: Refused,
): Promise<Course> {
  const { waitMs, paceShare } = await deps.guard.refused(pool, {
    waitMs: askedMs,
    reason: code,
    startedMsAgo: performance.now() - startedAtMs,
    cause: { jobId: job.id, message },
  });
  log.warn({ pool, code, waitMs, paceShare }, 'the provider refused a call; the pool is blocked');
  return { action: 'retry', delayMs: 0, reason: 'blocked' };
}

async function findOwner(
  deps: RunDeps,
  { job, deployments, log }: ClaimedJob,
  { pool, deployment, attemptNo }: MadeCall,
  fault: Refused,
): Promise<Course> {
  const { code, message, isCertain } = fault;
  // Where the deployment serves one model only, pausing it says more than pausing the model.
  const servesOne = findDeployment(deps.config.deployments, deployment)?.model !== null;
  const model = fault.owner === 'model' && !servesOne ? job.model : null;
  const scope = { pool, deployment, model };
  const refused = { jobId: job.id, attemptNo, jobModel: job.model, code, message, isCertain };
  const facts = await recordRefusal(deps.db, scope, refused, {
    routes: deps.routes.routesOf(pool),
    candidates: deployments,
  });
  const course = courseAfterRefusal({ isCertain, isOfModel: model !== null, ...facts });
  log.warn(
    { pool, deployment, model, code, course: course.job, isPaused: course.isPaused },
    'the provider refused a call',
  );
  const { waitMs, reason } = course.isPaused
    ? await pause(deps, scope, refused, facts)
    : ({ waitMs: restMs(deps, facts), reason: 'refused' } as const);
  switch (course.job) {
    case 'fail':
      await forgetRefusals(deps.db, job.id);
      // Only this job was refused, so nothing else is wrong.
      if (!facts.othersRefused && (await deps.guard.answered(pool, deployment)).wasPaused)
        await deps.dispatcher.redispatch(pool);
      return { action: 'fail' };
    case 'elsewhere':
      return { action: 'retry', delayMs: 0, reason: 'pace' };
    case 'rest':
      // Another job is to make the next call; this one comes after it.
      return { action: 'retry', delayMs: waitMs + yieldMs(deps), reason };
  }
}

/**
 * How long a refused job waits if no other job shows meanwhile whose the refusal was. While others
 * wait, they are to be tried; a lonely job is tried again soon.
 */
function restMs({ config }: RunDeps, { alone, othersWait, othersRefused }: RefusalFacts): number {
  if (othersWait || othersRefused) return config.minuteMs;
  return probesOfUnclear.first * config.minuteMs * 2 ** Math.min(alone - 1, 5);
}

/**
 * Returns the time until the next probe, and what its jobs wait for. If only this job is there, the
 * other deployments that refused it are paused as well: there is nothing left to try.
 */
async function pause(
  deps: RunDeps,
  scope: RefusalScope,
  refused: RefusedCall,
  { othersRefused, othersWait, alsoRefusedAt }: RefusalFacts,
): Promise<{ waitMs: number; reason: WaitReason }> {
  const isAlone = !othersRefused && !othersWait;
  for (const deployment of isAlone ? alsoRefusedAt : [])
    await pauseOne(deps, { ...scope, deployment }, refused);
  const paused = await pauseOne(deps, scope, refused);
  await wakeForProbe(deps.db, scope, refused, paused.waitMs);
  deps.dispatcher.wake(scope.pool);
  return paused;
}

function pauseOne(
  deps: RunDeps,
  scope: RefusalScope,
  refused: RefusedCall,
): Promise<{ waitMs: number; reason: WaitReason }> {
  const probeMinutes = refused.isCertain ? probesOfCertain : probesOfUnclear;
  const { model } = scope;
  return model === null
    ? pauseDeployment(deps, scope, refused, probeMinutes)
    : pauseModelAt(deps, { ...scope, model }, refused, probeMinutes);
}

async function pauseModelAt(
  { db, config, log, dispatcher }: RunDeps,
  scope: RefusalScope & { model: string },
  refused: RefusedCall,
  { first, longest }: { first: number; longest: number },
): Promise<{ waitMs: number; reason: WaitReason }> {
  const limits = { firstMs: first * config.minuteMs, longestMs: longest * config.minuteMs };
  const { isNew, waitMs } = await pauseModel(db, scope, refused, limits);
  const { code, jobId } = refused;
  if (isNew)
    log.error(
      { ...scope, code, jobId },
      'a deployment refuses a model, so the model is paused there; other models go on, and ' +
        'single calls probe it',
    );
  // The jobs of the model wait in the records. The one that was refused last comes after others.
  for (const delayMs of [waitMs, waitMs + 2 * yieldMs({ config })])
    setTimeout(() => dispatcher.wake(scope.pool), Math.ceil(delayMs)).unref();
  return { waitMs: Math.ceil(waitMs), reason: 'model_paused' };
}

async function pauseDeployment(
  deps: RunDeps,
  { pool, deployment }: Pick<RefusalScope, 'pool' | 'deployment'>,
  { code, jobId, message }: { code: string; jobId: string; message: string },
  probeMinutes: { first: number; longest: number },
): Promise<{ waitMs: number; reason: WaitReason }> {
  const deployments = deps.config.deployments.flatMap((each) =>
    each.pool === pool ? [each.name] : [],
  );
  const paused = await deps.guard.pause({ name: pool, deployments }, deployment, {
    code,
    probeMinutes,
    cause: { jobId, message },
  });
  if (paused.pool.isNew) {
    deps.log.error(
      { pool, deployment, code, jobId, waitMs: paused.pool.waitMs },
      'all deployments of a pool are faulty, so it is paused; single calls probe whether it ' +
        'works again',
    );
  } else if (paused.isNew && !paused.pool.isPaused) {
    deps.log.error(
      { pool, deployment, code, jobId },
      'a faulty deployment is paused; the others of its pool take its calls, and single calls ' +
        'probe it',
    );
  }
  return {
    waitMs: Math.max(paused.waitMs, paused.pool.waitMs),
    reason: paused.pool.isPaused ? 'pool_paused' : 'deployment_paused',
  };
}

/**
 * Call this after an answer without a usable image. Null: the retry policy decides. The call is not
 * repeated for a shape that the deployment gave before. A deployment that gives it again and again
 * is paused, and the job waits for its repair.
 */
export async function judgeShape(
  deps: RunDeps,
  { job, deployments, log }: ClaimedJob,
  { pool, deployment, attemptNo }: MadeCall,
  fault: { message: string; shape: string },
): Promise<Course | null> {
  const shape = toShape(fault.shape);
  const { isKnown, inARow } = await recordShape(deps.db, { pool, deployment }, shape, {
    jobId: job.id,
    attemptNo,
  });
  if (inARow >= mostOfShape) {
    const scope = { pool, deployment, model: null };
    const refused = {
      jobId: job.id,
      attemptNo,
      jobModel: job.model,
      code: unusableAnswers,
      message: fault.message,
      isCertain: true,
    };
    // The job starts again when another one is answered.
    await recordRefusal(deps.db, scope, refused, { routes: [], candidates: deployments });
    const paused = await pauseDeployment(deps, scope, refused, probesOfAnswers);
    return { action: 'retry', delayMs: paused.waitMs + yieldMs(deps), reason: paused.reason };
  }
  if (!isKnown) return null;
  log.warn({ deployment, shape }, 'the deployment answered like this before; no call is repeated');
  return { action: 'fail' };
}

const maxShapeCharacters = 200;

/** Numbers, such as lengths, differ between answers of one shape. */
function toShape(text: string): string {
  return cutText(text.replaceAll(/\d+/g, '#'), maxShapeCharacters);
}

/** How much later than a probe is due the job comes that was refused last. */
export function yieldMs({ config }: Pick<RunDeps, 'config'>): number {
  return Math.ceil(config.minuteMs / 60);
}
