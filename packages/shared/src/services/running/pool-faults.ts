/** Opens or closes pools and deployments after an answer. */
import type { Fault } from '../../provider/faults/classify-fault.ts';
import type { MadeCall, RunDeps } from './claimed-job.ts';

/** Call this after a call that was executed: the cause of earlier refusals in this pool is over. */
export async function openPoolAfterAnswer(
  deps: RunDeps,
  { pool, deployment, isProbe }: MadeCall,
): Promise<void> {
  const { wasPaused } = await deps.guard.answered(pool, deployment);
  if (isProbe) deps.log.info({ deployment }, 'a paused deployment works again');
  if (!wasPaused) return;
  deps.log.info({ pool }, 'a paused pool works again');
  await deps.dispatcher.redispatch(pool);
}

/**
 * Call this after a refused call. Blocks the pool for as long as the provider asked, or as its
 * refusals suggest. If the deployment is at fault, pauses the deployment instead.
 */
export async function closePoolAfterRefusal(
  deps: RunDeps,
  { pool, deployment, startedAtMs }: MadeCall,
  fault: Extract<Fault, { class: 'refused' }>,
): Promise<void> {
  const { code } = fault;
  if (fault.owner === 'pool') {
    const { waitMs, paceShare } = await deps.guard.refused(pool, {
      waitMs: fault.waitMs,
      reason: code,
      startedMsAgo: performance.now() - startedAtMs,
    });
    deps.log.warn(
      { pool, code, waitMs, paceShare },
      'the provider refused a call; the pool is blocked',
    );
    return;
  }
  const deployments = deps.config.deployments.flatMap((each) =>
    each.pool === pool ? [each.name] : [],
  );
  const pause = await deps.guard.pause({ name: pool, deployments }, deployment, code);
  if (pause.pool.isNew) {
    deps.log.error(
      { pool, deployment, code, waitMs: pause.pool.waitMs },
      'all deployments of a pool are faulty, so it is paused; single calls probe whether it ' +
        'works again',
    );
  } else if (pause.isNew && !pause.pool.isPaused) {
    deps.log.error(
      { pool, deployment, code },
      'a faulty deployment is paused; the others of its pool take its calls, and single calls ' +
        'probe it',
    );
  }
}
