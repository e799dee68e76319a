/**
 * An event, in the shape of OpenAI, the same on streams, in lists and in webhooks. It says what
 * happened to which object, with its state and counts; it holds no prompt and no bytes.
 */
import { z } from 'zod';

export const eventTypes = [
  'job.created',
  'job.started',
  'job.partial_image',
  'job.updated',
  'job.retrying',
  'job.held',
  'job.succeeded',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'job.deleted',
  'job.composite_made',
  'job.composite_skipped',
  'batch.in_progress',
  'batch.progress',
  'batch.updated',
  'batch.completed',
  'batch.failed',
  'batch.expired',
  'batch.cancelled',
  'pool.blocked',
  'pool.resumed',
  'model.paused',
  'model.resumed',
  'webhook_endpoint.disabled',
] as const;

export type EventType = (typeof eventTypes)[number];

export function isEventType(name: string): name is EventType {
  return (eventTypes as readonly string[]).includes(name);
}

/** `id` is the id of the job, batch or webhook endpoint, or the name of the pool or model. */
export type EventData = { id: string } & Readonly<Record<string, unknown>>;

export const eventSchema = z
  .object({
    id: z.string(),
    object: z.literal('event'),
    type: z.enum(eventTypes),
    created_at: z.int().meta({ description: 'Unix seconds' }),
    data: z.looseObject({
      id: z.string().meta({
        description:
          'The id of the job, batch or webhook endpoint, or the name of the pool or model.',
      }),
    }),
  })
  .meta({ id: 'Event' });

export type Event = z.infer<typeof eventSchema>;
