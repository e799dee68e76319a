/**
 * One try of one delivery: claim, sign, send, record. Idempotent by the number of its hand: a
 * second work item of it finds nothing to do.
 */
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import {
  claimDelivery,
  closeDelivery,
  releaseDelivery,
  settleTry,
  type ClaimedDelivery,
  type DeliveryFailure,
  type DeliveryDispatch,
  type Try,
} from '../../records/webhooks/delivery-dispatches.ts';
import type { Database } from '../../records/database/open-records.ts';
import { disableEndpoint } from '../../records/webhooks/webhook-endpoints.ts';
import type { Egress, PostOutcome } from '../../webhooks/egress.ts';
import { signatureHeaders } from '../../webhooks/signing.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { withoutLimit } from '../retry-limits.ts';
import type { DeliveryDispatcher } from './delivery-dispatcher.ts';
import { settlementOf, toTry } from './delivery-settlement.ts';

export interface DeliverDeps {
  config: Pick<Config, 'webhookTimeoutMs' | 'webhookMinuteMs'>;
  db: Database;
  egress: Egress;
  deliveryDispatcher: DeliveryDispatcher;
  log: Logger;
  /** Breaks tries off, some moments after the process was asked to stop. */
  breakOff: AbortSignal;
}

/** A try ends by its own deadlines; this is how much later it is taken for lost. */
const leaseMarginMs = 10_000;

export async function deliverEvent(deps: DeliverDeps, dispatch: DeliveryDispatch): Promise<void> {
  const { db, config, deliveryDispatcher } = deps;
  const delivery = await claimDelivery(db, dispatch, config.webhookTimeoutMs + leaseMarginMs);
  if (delivery === undefined) return;
  const log = deps.log.child({ deliveryId: delivery.id, requestId: delivery.request_id });
  const closed = closedBy(delivery);
  if (closed !== null)
    await retryWhileUnavailable(
      () => closeDelivery(db, dispatch, closed),
      withoutLimit('closing a delivery', log),
    );
  else await tryOnce({ ...deps, log }, dispatch, delivery);
  deliveryDispatcher.wake();
}

/**
 * Nothing is sent to an endpoint that is disabled, though its delivery had been handed over before.
 */
function closedBy({ endpoint_state: state, secrets }: ClaimedDelivery): DeliveryFailure | null {
  if (state === 'disabled') return 'endpoint_disabled';
  if (state === 'deleted') return 'endpoint_deleted';
  return secrets.length === 0 ? 'secret_missing' : null;
}

async function tryOnce(
  deps: DeliverDeps,
  dispatch: DeliveryDispatch,
  delivery: ClaimedDelivery,
): Promise<void> {
  const { db, log } = deps;
  const startedAt = new Date();
  const beganMs = performance.now();
  const outcome = await send(deps, delivery, startedAt).catch((error: unknown) => {
    if (deps.breakOff.aborted) return 'broken_off' as const;
    throw error;
  });
  if (outcome === 'broken_off') {
    await retryWhileUnavailable(
      () => releaseDelivery(db, dispatch),
      withoutLimit('giving a delivery back', log),
    );
    return;
  }
  const made: Try = { startedAt, durationMs: performance.now() - beganMs, ...toTry(outcome) };
  const settlement = settlementOf(delivery.tries_of_run, outcome, deps.config.webhookMinuteMs);
  // First: if this process dies now, what waits for the endpoint is not sent by others.
  if (made.error === 'gone') await disable(deps, delivery, 'gone');
  const settled = await retryWhileUnavailable(
    () => settleTry(db, dispatch, made, settlement),
    withoutLimit('recording a try', log),
  );
  if (made.error !== null && settled.isWornOut) await disable(deps, delivery, 'failing');
  log.info(
    {
      error: made.error,
      httpStatus: made.httpStatus,
      durationMs: Math.round(made.durationMs),
      isSettled: settled.isSettled,
    },
    made.error === null ? 'an event was delivered' : 'an event was not delivered',
  );
}

function send(
  { egress, config, breakOff }: DeliverDeps,
  delivery: ClaimedDelivery,
  at: Date,
): Promise<PostOutcome> {
  const body = JSON.stringify({
    id: delivery.event_id,
    object: 'event',
    type: delivery.event_type,
    created_at: Math.floor(delivery.event_created_at.getTime() / 1_000),
    data: delivery.event_data,
  });
  const message = {
    id: delivery.event_id,
    timestampSeconds: Math.floor(at.getTime() / 1_000),
    body,
  };
  return egress.post({
    url: delivery.goes_to,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Kiln/0.1 (webhooks)',
      'x-request-id': delivery.request_id,
      ...signatureHeaders(message, delivery.secrets),
    },
    body,
    timeoutMs: config.webhookTimeoutMs,
    signal: breakOff,
  });
}

async function disable(
  { db, log }: DeliverDeps,
  { endpoint_id: endpointId }: ClaimedDelivery,
  reason: 'gone' | 'failing',
): Promise<void> {
  if (endpointId === null) return;
  const isDisabled = await retryWhileUnavailable(
    () => disableEndpoint(db, endpointId, reason),
    withoutLimit('disabling an endpoint', log),
  );
  if (isDisabled) log.warn({ endpointId, reason }, 'a webhook endpoint was disabled');
}
