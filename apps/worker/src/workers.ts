/**
 * The workers: for every queue its processor, and the reconciler beside them. Built, but not
 * running until `start`.
 */
import type { Deps } from '@kiln/shared/deps';
import { workerConcurrency } from '@kiln/shared/domain/capacity';
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
/** The schedules are looked at less often: the most frequent task is due once a minute. */
const scheduleEveryMs = 15_000;
/**
 * BullMQ's limiter is much looser than the pool's pace: it keeps work in the queue rather than in
 * waiting workers, and items that come to nothing (cancelled, too early) use it up as well. What
 * spaces the starts is the pool's guard.
 */
const limiterShare = 0.25;
/** Below this a limiter costs more than the places it saves. */
const shortestLimitMs = 50;

/** A small file need not wait until a large one has been read. */
const batchesAtATime = 4;

export interface Workers {
  start(): Promise<void>;
  /** Takes up no more work and waits for what runs. */
  close(): Promise<void>;
}

export function buildWorkers(deps: Deps, worker: WorkerDeps): Workers {
  checkProcessors(processors, Object.keys(catalogue));
  const { batchQueue, config, dispatcher, engine, log, pools, records, routes } = deps;
  /**
   * What works by itself, and the producer it works with, which has to outlive it: a closed one
   * never answers.
   */
  const running: { close(): Promise<unknown> }[] = [];
  const used: { close(): Promise<unknown> }[] = [];

  return {
    async start() {
      await sweepSpool(worker.run);
      const consumers = processors.flatMap((processor) =>
        bindingsOf(processor.kind, pools).map((binding) =>
          processor.consume(engine, binding, worker),
        ),
      );
      running.push(...consumers);
      await Promise.all(consumers.map((consumer) => consumer.ready()));

      const maintenance = engine.producer('maintenance', maintenanceQueue);
      used.push(maintenance);
      let scheduledAtMs = Number.NEGATIVE_INFINITY;
      const register = async (): Promise<void> => {
        const held = await maintenance.heldRepetitions();
        for (const task of maintenanceTasks) {
          const id = task.replaceAll('_', '-');
          if (!held.has(id)) await maintenance.repeat(id, maintenanceEveryMs[task], { task });
        }
      };
      const schedule = async (): Promise<void> => {
        if (performance.now() - scheduledAtMs < scheduleEveryMs) return;
        // A schedule that is registered once more while its task runs has two turns to come (BullMQ
        // 6.7 on PostgreSQL).
        if (await withAdvisoryLock(records.db, 'schedules', register))
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
            schedule,
            leaseMs: config.leaseMs,
            log,
          },
          Math.min(longestReconcileEveryMs, config.leaseMs / 3),
        ),
      );
    },
    async close() {
      // Nothing more is handed over: what this process does not take up would wait for another.
      await worker.deliveries.deliveryDispatcher.close();
      await Promise.all(running.map((part) => part.close()));
      await Promise.all(used.map((part) => part.close()));
    },
  };
}

function bindingsOf(kind: QueueName, pools: Deps['pools']): QueueBinding[] {
  switch (kind) {
    case 'images':
      return pools.map(({ name, rpm, pace }) => ({
        queue: imagesQueueOf(name),
        concurrency: workerConcurrency(rpm),
        spacingMs:
          pace.intervalMs * limiterShare < shortestLimitMs ? null : pace.intervalMs * limiterShare,
      }));
    case 'batches':
      return [{ queue: batchesQueue, concurrency: batchesAtATime, spacingMs: null }];
    case 'deliveries':
      return [{ queue: deliveriesQueue, concurrency: maxConcurrentDeliveries, spacingMs: null }];
    case 'maintenance':
      // None of the tasks waits for another: some of them run for minutes, others every minute.
      return [{ queue: maintenanceQueue, concurrency: maintenanceTasks.length, spacingMs: null }];
  }
}
