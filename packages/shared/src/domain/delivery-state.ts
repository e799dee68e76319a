/**
 * The states of a delivery: one event on its way to one receiver, over all its tries.
 *
 *   pending    waits for `next_try_at`, is in the queue engine, or a worker sends it under a lease
 *   delivered  the receiver answered 2xx
 *   failed     every try failed, the receiver answered 410, or its endpoint was disabled or deleted
 *
 * A caller may request a delivery again, which makes it pending again.
 */
import { statusesBefore, type Transitions } from './transitions.ts';

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;

export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const deliveryTransitions = {
  pending: ['pending', 'delivered', 'failed'],
  delivered: ['pending'],
  failed: ['pending'],
} as const satisfies Transitions<DeliveryStatus>;

export function deliveryStatusesBefore(to: DeliveryStatus): DeliveryStatus[] {
  return statusesBefore<DeliveryStatus>(deliveryTransitions, to);
}

/**
 * Why a try did not deliver. It names only the kind of failure, because the caller that chose the
 * URL sees it and must not learn what the network answered.
 */
export const tryErrors = [
  'url_refused',
  'address_refused',
  'proxy_failed',
  'connection_failed',
  'tls_failed',
  'timed_out',
  'connection_lost',
  'invalid_answer',
  'redirected',
  'refused',
  'gone',
  'worker_lost',
  'run_failed',
] as const;

export type TryError = (typeof tryErrors)[number];
