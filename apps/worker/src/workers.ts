/**
 * Connects every queue to its processor, and runs the reconciler.
 *
 * `buildWorkers` builds everything and starts nothing; `start` begins the work and `close` ends it
 * in order: first no more work is begun, then running work is awaited, then the producers close.
 */
import type { Deps } from '@kiln/shared/deps';
import { jobsBeforeStart } from '@kiln/shared/domain/capacity';
import {
  batchesQueue,
  catalogue,
  deliveriesQueue,
  imagesQueueOf,
  maintenanceQueue,
  maintenanceTasks,
  type QueueName,
} from '@kiln/shared/queue/catalogue';
import { withAdvisoryLock } from '@kiln/shared/records/database/with-advisory-lock';
import { createRerouter } from '@kiln/shared/records/jobs/routes';
import { startReconciler } from '@kiln/shared/services/dispatch/reconcile';
import { sweepSpool } from '@kiln/shared/services/maintenance/sweep-spool';
import { maintenanceEveryMs } from '@kiln/shared/services/maintenance/maintenance';
import { maxConcurrentDeliveries } from '@kiln/shared/services/webhooks/delivery-dispatcher';
import type { WorkerDeps } from './deps.ts';
import { checkProcessors, type QueueBinding } from './processor.ts';
import { advanceBatches } from './processors/advance-batch.ts';
import { deliverEvents } from './processors/deliver-event.ts';
import { generateImage } from './processors/generate-image.ts';
import { runMaintenanceTask } from './processors/run-maintenance.ts';

const processors = [generateImage, advanceBatches, deliverEvents, runMaintenanceTask];

/**
 * The longest time until a worker notices what a dead worker or a wiped engine left behind. With a
 * short lease it looks more often: three times in a lease.
 */
const longestReconcileEveryMs = 5_000;
/** The schedules are checked less often, as the most frequent task is due once a minute. */
const scheduleEveryMs = 15_000;
/** Several batches are worked on at a time, so that a small file does not wait for a large one. */
const batchesAtATime = 4;

export interface Workers {
  /** Begins no work item before everything is prepared. */
  start(): Promise<void>;
  /** Begins no more work and waits for the calls under way, which are paid for. */
  finishCalls(): Promise<void>;
  /** Waits for all work that runs. */
  close(): Promise<void>;
}

export function buildWorkers(deps: Deps, worker: WorkerDeps): Workers {
  checkProcessors(processors, Object.keys(catalogue));
  const { batchQueue, config, dispatcher, engine, log, pools, records, routes } = deps;
  /** `used` holds the producers of `running`. They are closed later: a closed one never answers. */
  const running: { close(): Promise<unknown> }[] = [];
  const used: { close(): Promise<unknown> }[] = [];

  let closing: Promise<void> | null = null;

  function close(): Promise<void> {
    return (closing ??= closeAll());
  }

  async function closeAll(): Promise<void> {
    // Dispatch no more deliveries: those that this process does not begin would wait for another.
    const dispatching = worker.deliveries.deliveryDispatcher.close();
    const changing = worker.bulkRunner.close();
    await Promise.all([dispatching, changing, ...running.map((part) => part.close())]);
    await worker.run.calls.finished();
    await Promise.all(used.map((part) => part.close()));
  }

  return {
    async start() {
      await sweepSpool(worker.run);
      const consumers = processors.flatMap((processor) =>
        bindingsOf(processor.kind, pools).map((binding) =>
          processor.consume(engine, binding, worker),
        ),
      );
      running.push(...consumers);
      const maintenance = engine.producer('maintenance', maintenanceQueue);
      used.push(maintenance);
      let scheduledAtMs = Number.NEGATIVE_INFINITY;
      const idOf = (task: (typeof maintenanceTasks)[number]): string => task.replaceAll('_', '-');
      const findMissing = async (): Promise<(typeof maintenanceTasks)[number][]> => {
        const held = await maintenance.heldRepetitions();
        return maintenanceTasks.filter((task) => !held.has(idOf(task)));
      };
      const register = async (): Promise<void> => {
        for (const task of await findMissing())
          await maintenance.repeat(idOf(task), maintenanceEveryMs[task], { task });
      };
      const schedule = async (): Promise<void> => {
        if (performance.now() - scheduledAtMs < scheduleEveryMs) return;
        // Registering a schedule while its task runs would make it run twice (BullMQ 6.7 on
        // PostgreSQL), so one worker at a time registers those that are missing.
        const isComplete = (await findMissing()).length === 0;
        if (isComplete || (await withAdvisoryLock(records.db, 'schedules', register)))
          scheduledAtMs = performance.now();
      };
      running.push(
        startReconciler(
          {
            db: records.db,
            dispatcher,
            leases: worker.run.leases,
            rerouter: createRerouter(records.db, routes),
            pools,
            advanceBatches: () => batchQueue.enqueueMissing(),
            runBulkActions: () => worker.bulkRunner.wake(),
            schedule,
            leaseMs: config.leaseMs,
            log,
            outages: deps.outages,
          },
          Math.min(longestReconcileEveryMs, config.leaseMs / 3),
        ),
      );
      for (const consumer of consumers) consumer.start();
    },
    async finishCalls() {
      close().catch(() => undefined); // the next phase reports a failure
      await worker.run.leases.callsEnded();
    },
    close,
  };
}

function bindingsOf(kind: QueueName, pools: Deps['pools']): QueueBinding[] {
  switch (kind) {
    case 'images':
      return pools.map((pool) => ({
        queue: imagesQueueOf(pool.name),
        concurrency: jobsBeforeStart(pool),
      }));
    case 'batches':
      return [{ queue: batchesQueue, concurrency: batchesAtATime }];
    case 'deliveries':
      return [{ queue: deliveriesQueue, concurrency: maxConcurrentDeliveries }];
    case 'maintenance':
      // No task waits for another, as some run for minutes and others every minute.
      return [{ queue: maintenanceQueue, concurrency: maintenanceTasks.length }];
  }
}
