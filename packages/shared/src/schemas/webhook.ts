/**
 * Webhooks as the API takes and answers them: endpoints, the project's own secret, deliveries and
 * their tries.
 */
import { z } from 'zod';
import { mostTries } from '../domain/delivery-schedule.ts';
import { deliveryStatuses, tryErrors } from '../domain/delivery-state.ts';
import { eventTypes } from './event.ts';
import { textSchema } from './text.ts';

export const webhookUrlSchema = textSchema(1, 2_048);

/** Any number of times the same type is the type. */
function eventsSchema<T extends readonly [string, ...string[]]>(types: T) {
  return z
    .array(z.enum(types))
    .min(1)
    .max(types.length)
    .transform((given) => [...new Set(given)]);
}

type JobEventType = Extract<(typeof eventTypes)[number], `job.${string}`>;
type BatchEventType = Extract<(typeof eventTypes)[number], `batch.${string}`>;

const jobEventTypes = eventTypes.filter((type): type is JobEventType => type.startsWith('job.'));
const batchEventTypes = eventTypes.filter((type): type is BatchEventType =>
  type.startsWith('batch.'),
);

export const jobWebhookEventsSchema = eventsSchema(
  jobEventTypes as [JobEventType, ...JobEventType[]],
);
export const batchWebhookEventsSchema = eventsSchema([...batchEventTypes, ...jobEventTypes] as [
  BatchEventType | JobEventType,
  ...(BatchEventType | JobEventType)[],
]);

/** What a request hears of where it does not say: the ends, and what needs a decision. */
export const defaultJobEvents = [
  'job.succeeded',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'job.held',
] as const;
export const defaultBatchEvents = [
  'batch.completed',
  'batch.failed',
  'batch.expired',
  'batch.cancelled',
] as const;
/** Of an endpoint: all but those that come by the second. */
export const defaultEndpointEvents = eventTypes.filter(
  (type) => type !== 'batch.progress' && type !== 'job.partial_image',
);

/** As it is kept with a job. */
export interface StoredWebhook {
  url: string;
  events: string[];
}

const description = textSchema(0, 500);

export const endpointRequestSchema = z.strictObject({
  url: webhookUrlSchema.meta({
    description: 'https, to a public address.',
    examples: ['https://example.com/kiln'],
  }),
  events: eventsSchema(eventTypes).optional().meta({
    description: 'Default: all but `batch.progress` and `job.partial_image`.',
  }),
  description: description.optional(),
});

export const endpointChangeSchema = z.strictObject({
  url: webhookUrlSchema.optional(),
  events: eventsSchema(eventTypes).optional(),
  description: description.nullable().optional(),
  status: z.enum(['enabled', 'disabled']).optional(),
});

export const redeliverySchema = z.strictObject({
  since: z
    .int()
    .min(0)
    .max(9_999_999_999)
    .meta({ description: 'Unix seconds: what was made since then and has failed.' }),
});

const seconds = z.int().meta({ description: 'Unix seconds' });

const shownSecret = z.string().meta({ description: 'Signs what is sent. Shown this once.' });

export const endpointSchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_endpoint'),
    url: z.string(),
    events: z.array(z.string()),
    description: z.string().nullable(),
    status: z.enum(['enabled', 'disabled']),
    disabled_at: seconds.nullable(),
    disabled_reason: z.enum(['requested', 'gone', 'failing']).nullable(),
    failing_since: seconds
      .nullable()
      .meta({ description: 'Unix seconds. Since when nothing has been delivered.' }),
    previous_secret_expires_at: seconds.nullable().meta({
      description: 'Unix seconds. Until then the secret before the last rotation signs as well.',
    }),
    created_at: seconds,
  })
  .meta({ id: 'WebhookEndpoint' });

export const endpointWithSecretSchema = endpointSchema
  .extend({ secret: shownSecret })
  .meta({ id: 'WebhookEndpointWithSecret' });

export const deletedEndpointSchema = z.object({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  deleted: z.literal(true),
});

export const projectSecretSchema = z
  .object({
    object: z.literal('webhook_secret'),
    created_at: seconds,
    rotated_at: seconds.nullable(),
    previous_secret_expires_at: seconds.nullable(),
  })
  .meta({ id: 'WebhookSecret' });

export const shownProjectSecretSchema = projectSecretSchema
  .extend({ secret: shownSecret })
  .meta({ id: 'WebhookSecretShown' });

export const redeliveryAnswerSchema = z.object({
  object: z.literal('webhook_endpoint.redelivery'),
  count: z.int().meta({ description: 'Deliveries that are tried again.' }),
});

const trySchema = z.object({
  number: z.int(),
  started_at: seconds,
  duration_ms: z.int(),
  http_status: z.int().nullable(),
  error: z.enum(tryErrors).nullable().meta({ description: 'null: it was delivered.' }),
  answer: z.string().nullable().meta({ description: 'The first 4 kB of the answer.' }),
});

export const deliverySchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_delivery'),
    endpoint_id: z
      .string()
      .nullable()
      .meta({ description: 'null: `webhook_url` of a job or a batch.' }),
    url: z.string(),
    event_id: z.string().meta({ description: 'Also the `webhook-id` of every try.' }),
    event_type: z.string(),
    job_id: z.string().nullable(),
    batch_id: z.string().nullable(),
    status: z.enum(deliveryStatuses),
    failure: z
      .enum(['exhausted', 'gone', 'endpoint_disabled', 'endpoint_deleted', 'secret_missing'])
      .nullable(),
    tries: z.object({ made: z.int(), of_schedule: z.int(), max: z.literal(mostTries) }),
    next_try_at: seconds.nullable(),
    created_at: seconds,
    finished_at: seconds.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export const deliveryWithLogSchema = deliverySchema
  .extend({
    log: z.array(trySchema).meta({ description: 'Each try, oldest first; the last hundred.' }),
  })
  .meta({ id: 'WebhookDeliveryWithLog' });

export type EndpointRequest = z.infer<typeof endpointRequestSchema>;
export type EndpointChangeRequest = z.infer<typeof endpointChangeSchema>;
export type Endpoint = z.infer<typeof endpointSchema>;
export type EndpointWithSecret = z.infer<typeof endpointWithSecretSchema>;
export type ProjectSecret = z.infer<typeof projectSecretSchema>;
export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryWithLog = z.infer<typeof deliveryWithLogSchema>;
