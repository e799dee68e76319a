/**
 * The first parts of query keys, and which of them an event makes old. A query's key begins with
 * one of these, so that it is fetched again when it should be: `[...keys.batch(id), 'rows', from]`.
 */
import type { QueryKey } from '@tanstack/react-query';
import type { LiveEvent } from '../live/live-event.ts';

export const keys = {
  models: ['models'],
  /** Lists and searches of jobs. */
  jobs: ['jobs'],
  job: (id: string) => ['job', id] as const,
  /** Lists of batches. */
  batches: ['batches'],
  /** A batch, its rows and its jobs. */
  batch: (id: string) => ['batch', id] as const,
  /** What starts next. */
  queue: ['queue'],
  pools: ['pools'],
  webhookEndpoints: ['webhook-endpoints'],
  deliveries: ['deliveries'],
  /** Pages of stored events. */
  events: ['events'],
  /** Walls of pictures, and one picture. */
  images: ['images'],
  /** Whether there are new pictures. */
  newImages: ['new-images'],
  albums: ['albums'],
  bulkActions: ['bulk-actions'],
} as const;

export function keysOf({ type, data }: LiveEvent): QueryKey[] {
  const { id, batch_id: batchId } = data;
  const [subject] = type.split('.');
  switch (subject) {
    case 'job': {
      if (type === 'job.partial_image') return [keys.job(id)];
      const batch = typeof batchId === 'string' ? [keys.batch(batchId)] : [];
      const images = type === 'job.succeeded' ? [keys.newImages] : [];
      return [keys.jobs, keys.job(id), keys.queue, keys.pools, keys.events, ...batch, ...images];
    }
    case 'batch':
      return [keys.batches, keys.batch(id), keys.queue, keys.pools, keys.events];
    case 'pool':
    case 'model':
      return [keys.pools, keys.queue, keys.models, keys.events];
    case 'webhook_endpoint':
      return [keys.webhookEndpoints, keys.deliveries, keys.events];
    default:
      return [keys.events];
  }
}
