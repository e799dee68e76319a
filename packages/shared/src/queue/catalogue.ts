/**
 * The list of all queues and what their work items carry: ids only, because items travel through
 * the engine's event stream.
 */
import { z } from 'zod';

/** Maintenance tasks, each with its own schedule. */
export const maintenanceTasks = [
  'expire_jobs',
  'delete_expired',
  'delete_results',
  'empty_trash',
  'make_composites',
  'collect_garbage',
  'check_integrity',
] as const;

export const catalogue = {
  /** Jobs that start soon; one queue for each pool, `images-<pool>`. */
  images: {
    payload: z.object({ jobId: z.string(), dispatchNo: z.int(), requestId: z.string() }),
  },
  /** Batches that have work to do. */
  batches: {
    payload: z.object({ batchId: z.string() }),
  },
  /** Deliveries that are due at their receivers. */
  deliveries: {
    payload: z.object({ deliveryId: z.string(), dispatchNo: z.int() }),
  },
  /** Maintenance, on a schedule. */
  maintenance: {
    payload: z.object({ task: z.enum(maintenanceTasks) }),
  },
} as const;

export type QueueName = keyof typeof catalogue;
export type Payload<Q extends QueueName> = z.infer<(typeof catalogue)[Q]['payload']>;

const imagesPrefix = 'images-';

export function imagesQueueOf(pool: string): string {
  return imagesPrefix + pool;
}

export function poolOfImagesQueue(queue: string): string {
  return queue.slice(imagesPrefix.length);
}

/**
 * The engine's priorities of jobs: items without a priority (0) run first, then by rising number,
 * and equal ones in the order in which they came. A job that was asked to run next is ahead of all
 * others, the last one asked for first. Then come, in each kind, the rows of batches that run next,
 * jobs that came back, and the others (`domain/queue/tags.ts`).
 */
export const imagePriorities = {
  next: 0,
  interactive: { batch_next: 1, returned: 2, fair: 3 },
  bulk: { batch_next: 8, returned: 9, fair: 10 },
} as const;

/** The engine's id of a dispatch. Adding the same dispatch twice changes nothing. */
export function workItemId(dispatch: { id: string; dispatchNo: number }): string {
  return `${dispatch.id}-${dispatch.dispatchNo}`;
}

export const maintenanceQueue = 'maintenance';
export const batchesQueue = 'batches';
export const deliveriesQueue = 'deliveries';
