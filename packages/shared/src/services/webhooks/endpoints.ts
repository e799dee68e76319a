/**
 * Use cases of webhook endpoints: create, read, list, change, delete, rotate the secret, send a
 * test event, redeliver what has failed. Each checks that the endpoint belongs to the caller's
 * project and wakes the delivery dispatchers when there is something to send or to close. A secret
 * appears only in the answers to creation and rotation. The routes of `/v1/webhook_endpoints` call
 * these.
 */
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import {
  findDelivery,
  insertTestDelivery,
  listTries,
  redeliverFailed,
  notifyDispatchers,
} from '../../records/webhooks/deliveries.ts';
import {
  deleteEndpoint,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  rotateEndpointSecret,
  updateEndpoint,
  type EndpointRow,
} from '../../records/webhooks/webhook-endpoints.ts';
import {
  defaultEndpointEvents,
  type DeliveryWithLog,
  type Endpoint,
  type EndpointChangeRequest,
  type EndpointRequest,
  type EndpointWithSecret,
} from '../../schemas/webhook.ts';
import { buildSecret } from '../../webhooks/signing.ts';
import { hashOf, settleKey } from '../idempotency.ts';
import { checkWebhookUrl, type WebhookDeps } from './webhook-deps.ts';
import { toDeliveryWithLog, toEndpoint } from './webhook-views.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse, notFound } from '../find-or-refuse.ts';

const maxEndpoints = 50;

/**
 * Creates an endpoint. Only this answer and its replays for an `Idempotency-Key` contain the
 * secret, which is stored with the endpoint and not with the key. Throws `webhook_url_refused`,
 * `too_many_webhook_endpoints`, the two errors of a key, and `webhook_endpoint_not_found` if the
 * endpoint of the key was deleted.
 */
export async function createEndpoint(
  deps: WebhookDeps,
  { projectId }: Caller,
  request: EndpointRequest,
  key: string | null,
): Promise<{ status: 'created' | 'replayed'; endpoint: EndpointWithSecret }> {
  const url = await checkWebhookUrl(deps, request.url, 'url');
  const secret = buildSecret();
  const row = {
    id: buildId('whe'),
    project_id: projectId,
    url,
    events: request.events ?? defaultEndpointEvents,
    description: request.description ?? null,
    secret,
    created_at: new Date(),
  };
  const endpoint = toEndpoint({ ...emptyEndpoint, ...row, enabled_at: row.created_at });
  const keyed =
    key === null
      ? null
      : { key, requestHash: hashOf({ webhook_endpoint: request }), answer: endpoint };
  const outcome = await insertEndpoint(deps.db, row, maxEndpoints, keyed);
  if (outcome.status === 'too_many') {
    throw new KilnError(
      'too_many_webhook_endpoints',
      `the project has ${maxEndpoints} webhook endpoints, the maximum; delete one first`,
    );
  }
  const { status, answer } = settleKey(outcome, endpoint);
  if (status === 'created') return { status, endpoint: { ...endpoint, secret } };
  const kept = await findEndpoint(deps.db, projectId, answer.id);
  if (kept?.secret === undefined || kept.secret === null)
    throw notFound('webhook endpoint', answer.id);
  return { status, endpoint: { ...answer, secret: kept.secret } };
}

const emptyEndpoint = {
  status: 'enabled',
  disabled_at: null,
  disabled_reason: null,
  previous_secrets: [],
  deleted_at: null,
  failing_since: null,
} as const satisfies Partial<EndpointRow>;

/** Throws `webhook_endpoint_not_found`. */
export async function readEndpoint(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
): Promise<Endpoint> {
  return toEndpoint(
    await findOrRefuse('webhook endpoint', id, findEndpoint(deps.db, caller.projectId, id)),
  );
}

export async function listEndpointPage(
  deps: WebhookDeps,
  { projectId }: Caller,
  query: { after?: string | undefined; limit: number },
): Promise<{ endpoints: Endpoint[]; hasMore: boolean }> {
  const rows = await listEndpoints(deps.db, projectId, query);
  return {
    endpoints: rows.slice(0, query.limit).map(toEndpoint),
    hasMore: rows.length > query.limit,
  };
}

/**
 * Throws `webhook_endpoint_not_found` and `webhook_url_refused`. Disabling an endpoint fails the
 * deliveries that wait for it.
 */
export async function changeEndpoint(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
  change: EndpointChangeRequest,
): Promise<Endpoint> {
  const url = change.url === undefined ? undefined : await checkWebhookUrl(deps, change.url, 'url');
  const checked = url === undefined ? change : { ...change, url };
  if (!(await updateEndpoint(deps.db, caller.projectId, id, checked)))
    throw notFound('webhook endpoint', id);
  await notifyDispatchers(deps.db);
  return readEndpoint(deps, caller, id);
}

/** Throws `webhook_endpoint_not_found`. The deliveries stay readable until events expire. */
export async function removeEndpoint(deps: WebhookDeps, caller: Caller, id: string): Promise<void> {
  if (!(await deleteEndpoint(deps.db, caller.projectId, id)))
    throw notFound('webhook endpoint', id);
  await notifyDispatchers(deps.db);
}

/**
 * Replaces the secret and returns the new one, this once. The replaced secret signs for another
 * day. Throws `webhook_endpoint_not_found`.
 */
export async function rotateSecret(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
): Promise<EndpointWithSecret> {
  const secret = buildSecret();
  if (!(await rotateEndpointSecret(deps.db, caller.projectId, id, secret)))
    throw notFound('webhook endpoint', id);
  return { ...(await readEndpoint(deps, caller, id)), secret };
}

/**
 * Sends a test event, which reports no change. Throws `webhook_endpoint_not_found` and
 * `webhook_endpoint_disabled`.
 */
export async function testEndpoint(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
): Promise<DeliveryWithLog> {
  await findEnabled(deps, caller, id);
  const { projectId, requestId } = caller;
  const event = {
    id: buildId('evt'),
    type: 'webhook_endpoint.test',
    createdAt: new Date(),
    data: { id },
  };
  const deliveryId = await insertTestDelivery(deps.db, {
    endpointId: id,
    projectId,
    requestId,
    event,
  });
  await notifyDispatchers(deps.db);
  const row = await findDelivery(deps.db, projectId, deliveryId);
  if (row === undefined) throw new Error(`the new delivery ${deliveryId} was not found`);
  return toDeliveryWithLog(row, await listTries(deps.db, deliveryId));
}

/**
 * Redelivers all failed deliveries of an endpoint that were created since then. Returns their
 * number. Throws `webhook_endpoint_not_found` and `webhook_endpoint_disabled`.
 */
export async function redeliverSince(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
  sinceSeconds: number,
): Promise<number> {
  await findEnabled(deps, caller, id);
  const count = await redeliverFailed(deps.db, id, sinceSeconds);
  if (count > 0) await notifyDispatchers(deps.db);
  return count;
}

async function findEnabled(deps: WebhookDeps, caller: Caller, id: string): Promise<void> {
  const row = await findOrRefuse(
    'webhook endpoint',
    id,
    findEndpoint(deps.db, caller.projectId, id),
  );
  if (row.status === 'disabled') throw isDisabled(id);
}

export function isDisabled(id: string): KilnError {
  return new KilnError(
    'webhook_endpoint_disabled',
    `${id} is disabled or deleted; enable it first: PATCH /v1/webhook_endpoints/${id} ` +
      '{"status": "enabled"}',
  );
}
