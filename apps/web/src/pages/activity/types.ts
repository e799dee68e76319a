/** What the API answers, by short names. */
import type { components } from '@kiln/client/openapi';

export type Job = components['schemas']['ImageJob'];
export type Attempt = components['schemas']['ImageJobAttempt'];
export type Endpoint = components['schemas']['WebhookEndpoint'];
export type EndpointWithSecret = components['schemas']['WebhookEndpointWithSecret'];
export type Delivery = components['schemas']['WebhookDelivery'];
