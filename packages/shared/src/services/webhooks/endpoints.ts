/**
 * The use-cases of webhook endpoints: create, read, list, change, delete, rotate, test, send again
 * what has failed.
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

const mostEndpoints = 50;

/**
 * Creates an endpoint; this answer, and its repetition by an `Idempotency-Key`, are the only ones
 * with the secret, which is kept with the endpoint and not with the key. Throws
 * `webhook_url_refused`, `too_many_webhook_endpoints`, the two of a key, and
 * `webhook_endpoint_not_found` for the key of one that was deleted.
 */
export async function createEndpoint(
  deps: WebhookDeps,
  { projectId }: Caller,
  request: EndpointRequest,
  key: string | null,
): Promise<{ status: 'created' | 'replayed'; endpoint: EndpointWithSecret }> {
  await checkWebhookUrl(deps, request.url, 'url');
  const secret = buildSecret();
  const row = {
    id: buildId('whe'),
    project_id: projectId,
    url: request.url,
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
  const outcome = await insertEndpoint(deps.db, row, mostEndpoints, keyed);
  if (outcome.status === 'too_many') {
    throw new KilnError(
      'too_many_webhook_endpoints',
      `there are ${mostEndpoints} endpoints already, which is the most; delete one`,
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
 * Throws `webhook_endpoint_not_found` and `webhook_url_refused`. Whatever waits for one that is
 * disabled is not sent.
 */
export async function changeEndpoint(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
  change: EndpointChangeRequest,
): Promise<Endpoint> {
  if (change.url !== undefined) await checkWebhookUrl(deps, change.url, 'url');
  if (!(await updateEndpoint(deps.db, caller.projectId, id, change)))
    throw notFound('webhook endpoint', id);
  await notifyDispatchers(deps.db);
  return readEndpoint(deps, caller, id);
}

/** Throws `webhook_endpoint_not_found`. Its deliveries can be read for as long as events are. */
export async function removeEndpoint(deps: WebhookDeps, caller: Caller, id: string): Promise<void> {
  if (!(await deleteEndpoint(deps.db, caller.projectId, id)))
    throw notFound('webhook endpoint', id);
  await notifyDispatchers(deps.db);
}

/**
 * A new secret, shown this once; the one before signs for another day. Throws
 * `webhook_endpoint_not_found`.
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
 * Sends an event that nothing has happened for. Throws `webhook_endpoint_not_found` and
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
  if (row === undefined) throw new Error('the delivery that was just written is not there');
  return toDeliveryWithLog(row, await listTries(deps.db, deliveryId));
}

/**
 * Sends again all that was made since then and has failed. Throws `webhook_endpoint_not_found` and
 * `webhook_endpoint_disabled`.
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
    `${id} is disabled and is sent nothing; enable it first: PATCH {"status": "enabled"}`,
  );
}
