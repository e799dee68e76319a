/**
 * The states of a delivery: one event on its way to one receiver, over all its tries.
 *
 *   pending    waits for `next_try_at`, is handed to the queue engine, or is being sent under a lease
 *   delivered  a receiver answered 2xx
 *   failed     the schedule is used up, the receiver said that it is gone (410), or its endpoint was disabled or deleted
 *
 * Both ends are left again when somebody asks for the delivery once more.
 */
export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;

export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const deliveryTransitions: Readonly<Record<DeliveryStatus, readonly DeliveryStatus[]>> = {
  pending: ['pending', 'delivered', 'failed'],
  delivered: ['pending'],
  failed: ['pending'],
};

/** The states a delivery may be in for `to` to follow. */
export function deliveryStatesBefore(to: DeliveryStatus): DeliveryStatus[] {
  return deliveryStatuses.filter((from) => deliveryTransitions[from].includes(to));
}

/**
 * Why a try did not deliver. A class, and nothing of what was met on the way: tries are shown to
 * whoever chose the URL.
 */
export const tryErrors = [
  'url_refused',
  'address_refused',
  'connection_failed',
  'tls_failed',
  'timed_out',
  'connection_lost',
  'invalid_answer',
  'redirected',
  'refused',
  'gone',
  'worker_lost',
] as const;

export type TryError = (typeof tryErrors)[number];
