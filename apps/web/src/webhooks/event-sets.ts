/** Which events a webhook may get, and which it gets when a request names none, as in the API. */
import { eventTypes, type EventType } from '../live/event-types.ts';

export type JobEventType = Extract<EventType, `job.${string}`>;

/** What the webhook of one job may get. */
export const jobEventTypes = eventTypes.filter((type): type is JobEventType =>
  type.startsWith('job.'),
);

/** Final states, and the one that needs a decision. */
export const usualJobEvents: readonly JobEventType[] = [
  'job.succeeded',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'job.held',
];

/** Types that may come every second, or that only repeat what a client has done. */
const unusual: readonly EventType[] = [
  'batch.progress',
  'batch.updated',
  'job.partial_image',
  'job.updated',
];
export const usualEndpointEvents = eventTypes.filter((type) => !unusual.includes(type));

/** Whether two lists have the same events, in any order. */
export function isSameChoice(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((type) => other.includes(type));
}
