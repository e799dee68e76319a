/** The workers: for every queue its processor, and the reconciler beside them. Built, but not running until `start`. */
import type { Deps } from '@kiln/shared/deps';
import { workerConcurrency } from '@kiln/shared/domain/capacity';
import { catalogue, imagesQueueOf, upkeepQueue, type QueueName } from '@kiln/shared/queue/catalogue';
import { startReconciler } from '@kiln/shared/services/reconcile';
import { sweepSpool } from '@kiln/shared/services/spool-upkeep';
import type { WorkerDeps } from './deps.ts';
import { checkProcessors, type Lane } from './processor.ts';
import { generateImage } from './processors/generate-image.ts';
import { keepHouse } from './processors/keep-house.ts';

const processors = [generateImage, keepHouse];

/** How soon is noticed what a dead worker or a wiped engine left behind. */
const reconcileEveryMs = 5_000;
const upkeepEveryMs = 3_600_000;
/** BullMQ's limiter is a little looser than the pool's pace, so that the pace, and not the limiter, spaces the starts. */
const limiterShare = 0.9;
/** Below this a limiter costs more than the places it saves. */
const shortestLimitMs = 50;

export interface Workers {
  start(): Promise<void>;
  /** Takes up no more work and waits for what runs. */
  close(): Promise<void>;
}

export function buildWorkers(deps: Deps, worker: WorkerDeps): Workers {
  checkProcessors(processors, Object.keys(catalogue));
  const { config, dispatcher, engine, log, pools, records } = deps;
  const closers: { close(): Promise<unknown> }[] = [];

  return {
    async start() {
      await sweepSpool(worker.run);
      const consumers = processors.flatMap((processor) =>
        lanesOf(processor.kind, pools).map((lane) => processor.consume(engine, lane, worker)),
      );
      closers.push(...consumers);
      await Promise.all(consumers.map((consumer) => consumer.ready()));

      const upkeep = engine.producer('upkeep', upkeepQueue);
      closers.unshift(upkeep);
      const schedule = async (): Promise<void> => {
        const held = await upkeep.heldIds();
        if (held.size === 0) await upkeep.repeat('delete-expired', upkeepEveryMs, { task: 'delete_expired' });
      };
      closers.unshift(
        startReconciler(
          { db: records.db, dispatcher, pools, schedule, leaseMs: config.leaseMs, log },
          reconcileEveryMs,
        ),
      );
    },
    async close() {
      await Promise.all(closers.map((part) => part.close()));
    },
  };
}

function lanesOf(kind: QueueName, pools: Deps['pools']): Lane[] {
  switch (kind) {
    case 'images':
      return pools.map(({ name, rpm, pace }) => ({
        queue: imagesQueueOf(name),
        concurrency: workerConcurrency(rpm),
        spacingMs: pace.intervalMs * limiterShare < shortestLimitMs ? null : pace.intervalMs * limiterShare,
      }));
    case 'upkeep':
      return [{ queue: upkeepQueue, concurrency: 1, spacingMs: null }];
  }
}
