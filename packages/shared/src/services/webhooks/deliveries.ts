/**
 * Use cases of deliveries: read, list, redeliver. Workers send them (`deliver-event.ts`).
 */
import {
  findDelivery,
  listDeliveries,
  listTries,
  redeliver,
  notifyDispatchers,
  type DeliveryFilter,
} from '../../records/webhooks/deliveries.ts';
import { findEndpoint } from '../../records/webhooks/webhook-endpoints.ts';
import type { Delivery, DeliveryWithLog } from '../../schemas/webhook.ts';
import { isDisabled } from './endpoints.ts';
import type { WebhookDeps } from './webhook-deps.ts';
import { toDelivery, toDeliveryWithLog } from './webhook-views.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse } from '../find-or-refuse.ts';

/** Throws `delivery_not_found`. */
export async function readDelivery(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
): Promise<DeliveryWithLog> {
  const row = await findOrRefuse('delivery', id, findDelivery(deps.db, caller.projectId, id));
  return toDeliveryWithLog(row, await listTries(deps.db, id));
}

export async function listDeliveryPage(
  deps: WebhookDeps,
  { projectId }: Caller,
  filter: DeliveryFilter,
): Promise<{ deliveries: Delivery[]; hasMore: boolean }> {
  const rows = await listDeliveries(deps.db, projectId, filter);
  return {
    deliveries: rows.slice(0, filter.limit).map(toDelivery),
    hasMore: rows.length > filter.limit,
  };
}

/**
 * Starts the schedule of a delivery again; does nothing while a worker is sending it. Throws
 * `delivery_not_found`, and `webhook_endpoint_disabled` if its endpoint is disabled or deleted.
 */
export async function redeliverOne(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
): Promise<DeliveryWithLog> {
  const { endpoint_id: endpointId } = await findOrRefuse(
    'delivery',
    id,
    findDelivery(deps.db, caller.projectId, id),
  );
  if (endpointId !== null) {
    const endpoint = await findEndpoint(deps.db, caller.projectId, endpointId);
    if (endpoint === undefined || endpoint.status === 'disabled') throw isDisabled(endpointId);
  }
  if (await redeliver(deps.db, id)) await notifyDispatchers(deps.db);
  return readDelivery(deps, caller, id);
}
