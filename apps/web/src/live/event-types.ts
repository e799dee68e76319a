/**
 * Every type of event, in the order of docs/events.md. A type that is missing here fails to
 * compile.
 */
import type { components } from '@kiln/client/openapi';

export type EventType = components['schemas']['Event']['type'];

const all: Readonly<Record<EventType, true>> = {
  'job.created': true,
  'job.started': true,
  'job.retrying': true,
  'job.updated': true,
  'job.held': true,
  'job.succeeded': true,
  'job.failed': true,
  'job.cancelled': true,
  'job.expired': true,
  'job.deleted': true,
  'job.composite_made': true,
  'job.composite_skipped': true,
  'job.partial_image': true,
  'batch.in_progress': true,
  'batch.progress': true,
  'batch.updated': true,
  'batch.completed': true,
  'batch.failed': true,
  'batch.expired': true,
  'batch.cancelled': true,
  'pool.blocked': true,
  'pool.resumed': true,
  'model.paused': true,
  'model.resumed': true,
  'webhook_endpoint.disabled': true,
};

export const eventTypes = Object.keys(all) as readonly EventType[];
