/**
 * Webhooks in requests and responses: endpoints, the secret of the project, deliveries and their
 * tries. It decides which events an endpoint, a job or a batch gets by default. Whether a URL may
 * be called is decided by `webhooks/`. A secret is part of a response only when it was just
 * created.
 */
import { z } from 'zod';
import { mostTries } from '../domain/delivery-schedule.ts';
import { deliveryStatuses, tryErrors } from '../domain/delivery-state.ts';
import { eventTypes } from './event.ts';
import { textSchema } from './text.ts';

export const webhookUrlSchema = textSchema(1, 2_048);

/** Repeating a type has no effect. */
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

/** The events of a job or batch that names none: final states, and states that need a decision. */
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
/** Types that may occur every second, or that a caller causes only to change what it knows. */
const eventsOnRequest: readonly string[] = [
  'batch.progress',
  'job.partial_image',
  'job.updated',
  'batch.updated',
];
/** The events of an endpoint that names none. */
export const defaultEndpointEvents = eventTypes.filter((type) => !eventsOnRequest.includes(type));

/** The webhook of a job or batch, as its row stores it. */
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
  events: eventsSchema(eventTypes)
    .optional()
    .meta({
      description: `Default: all but ${eventsOnRequest.map((type) => `\`${type}\``).join(', ')}.`,
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
    .meta({ description: 'Unix seconds. Failed deliveries created since then are sent again.' }),
});

const seconds = z.int().meta({ description: 'Unix seconds' });

const shownSecret = z
  .string()
  .meta({ description: 'Signs the deliveries. It is shown only this once.' });

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
      .meta({ description: 'Unix seconds. Every delivery since then has failed.' }),
    previous_secret_expires_at: seconds.nullable().meta({
      description: 'Unix seconds. Until then the previous secret signs too.',
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
  count: z.int().meta({ description: 'The number of deliveries that are sent again.' }),
});

const trySchema = z.object({
  number: z.int(),
  started_at: seconds,
  duration_ms: z.int(),
  http_status: z.int().nullable(),
  error: z.enum(tryErrors).nullable().meta({ description: 'null when the try succeeded.' }),
  answer: z.string().nullable().meta({ description: 'The first 4 kB of the response.' }),
});

export const deliverySchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_delivery'),
    endpoint_id: z
      .string()
      .nullable()
      .meta({ description: 'null for the `webhook_url` of a job or batch.' }),
    url: z.string(),
    event_id: z
      .string()
      .meta({ description: 'The id of the event; every try sends it as `webhook-id`.' }),
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
    log: z.array(trySchema).meta({ description: 'The last hundred tries, oldest first.' }),
  })
  .meta({ id: 'WebhookDeliveryWithLog' });

export type EndpointRequest = z.infer<typeof endpointRequestSchema>;
export type EndpointChangeRequest = z.infer<typeof endpointChangeSchema>;
export type Endpoint = z.infer<typeof endpointSchema>;
export type EndpointWithSecret = z.infer<typeof endpointWithSecretSchema>;
export type ProjectSecret = z.infer<typeof projectSecretSchema>;
export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryWithLog = z.infer<typeof deliveryWithLogSchema>;
