/** What a call's answer means for its pool and its deployment, rather than for its job. */
import type { Fault } from '../../provider/faults/classify-fault.ts';
import type { MadeCall, RunDeps } from './claimed-job.ts';

/** A call was executed where others had been refused: what refused them is over. */
export async function openAfter(
  deps: RunDeps,
  { pool, deployment, isProbe }: MadeCall,
): Promise<void> {
  const { wasPaused } = await deps.guard.answered(pool, deployment);
  if (isProbe) deps.log.info({ deployment }, 'the deployment works again');
  if (!wasPaused) return;
  deps.log.info({ pool }, 'the pool works again');
  await deps.dispatcher.renew(pool);
}

/**
 * The pool waits, until a time that the provider or its refusals suggest; or the deployment does,
 * as something about it is wrong.
 */
export async function closeAfter(
  deps: RunDeps,
  { pool, deployment, startedAtMs }: MadeCall,
  fault: Extract<Fault, { class: 'refused' }>,
): Promise<void> {
  const { code } = fault;
  if (fault.pool !== 'pause') {
    const { waitMs, paceShare } = await deps.guard.refused(pool, {
      waitMs: fault.waitMs,
      reason: code,
      startedMsAgo: performance.now() - startedAtMs,
    });
    deps.log.warn({ pool, code, waitMs, paceShare }, 'the provider refused a call; the pool waits');
    return;
  }
  const deployments = deps.config.deployments.flatMap((each) =>
    each.pool === pool ? [each.name] : [],
  );
  const pause = await deps.guard.pause({ name: pool, deployments }, deployment, code);
  if (pause.pool.isNew) {
    deps.log.error(
      { pool, deployment, code, waitMs: pause.pool.waitMs },
      'a pool is paused: one call at a time tries whether it works again',
    );
  } else if (pause.isNew && !pause.pool.isPaused) {
    deps.log.error(
      { pool, deployment, code },
      'a deployment is paused, and the others of its pool take its calls: one call at a time tries whether it works again',
    );
  }
}
