/**
 * Makes one try of one delivery: claims it, signs and sends the event, records the outcome. The
 * claim is conditional on the dispatch number, so a duplicate work item does nothing. An event may
 * arrive twice, if a worker dies between sending and recording; it is never lost.
 */
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import {
  claimDelivery,
  closeDelivery,
  failUnclaimed,
  releaseDelivery,
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
import { recordTry } from './record-try.ts';
import type { RefusedClaims } from '../refused-claims.ts';

export interface DeliverDeps {
  config: Pick<Config, 'webhookTimeoutMs' | 'webhookMinuteMs'>;
  db: Database;
  egress: Egress;
  deliveryDispatcher: DeliveryDispatcher;
  refusedClaims: RefusedClaims;
  log: Logger;
  /** Aborts tries that still run two seconds after the process was asked to stop. */
  abortTries: AbortSignal;
}

/** A try ends by its own timeout. When the lease expires this much later, its worker is lost. */
const leaseMarginMs = 10_000;

export async function deliverEvent(deps: DeliverDeps, dispatch: DeliveryDispatch): Promise<void> {
  const { db, config, deliveryDispatcher, refusedClaims } = deps;
  const { deliveryId } = dispatch;
  const claimed = await refusedClaims.claim({
    id: deliveryId,
    claim: () => claimDelivery(db, dispatch, config.webhookTimeoutMs + leaseMarginMs),
    end: () => failUnclaimed(db, deliveryId),
    log: deps.log.child({ deliveryId }),
  });
  // The dispatch of a delivery whose claim was refused lapses, and then it is dispatched again.
  const delivery = claimed.status === 'claimed' ? claimed.value : undefined;
  if (delivery === undefined) return;
  const log = deps.log.child({ deliveryId: delivery.id, requestId: delivery.request_id });
  const closed = closedBy(delivery);
  if (closed !== null)
    await retryWhileUnavailable(
      () => closeDelivery(db, dispatch, closed),
      withoutLimit('closing a webhook delivery', log),
    );
  else await tryOnce({ ...deps, log }, dispatch, delivery);
  deliveryDispatcher.wake();
}

/** Why nothing may be sent, or null. The endpoint may have been disabled since the dispatch. */
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
  const outcome = await send(deps, delivery, startedAt).catch((err: unknown) => {
    if (deps.abortTries.aborted) return 'aborted' as const;
    // The try counts, so that a delivery that can never be sent ends with its schedule.
    log.error({ err }, 'an error in Kiln ended a try of a webhook delivery');
    return { status: 'failed', error: 'run_failed' } as const;
  });
  if (outcome === 'aborted') {
    await retryWhileUnavailable(
      () => releaseDelivery(db, dispatch),
      withoutLimit('releasing a webhook delivery', log),
    );
    return;
  }
  const made: Try = { startedAt, durationMs: performance.now() - beganMs, ...toTry(outcome) };
  const settlement = settlementOf(delivery.tries_of_run, outcome, deps.config.webhookMinuteMs);
  // Disable first: if this process dies before it records the try, no other one may send to it.
  if (made.error === 'gone') await disable(deps, delivery, 'gone');
  const settled = await recordTry({ db, log }, dispatch, made, settlement);
  if (made.error !== null && settled.isWornOut) await disable(deps, delivery, 'failing');
  log.info(
    {
      error: made.error,
      httpStatus: made.httpStatus,
      durationMs: Math.round(made.durationMs),
      isSettled: settled.isSettled,
    },
    made.error === null ? 'webhook delivered' : 'webhook not delivered',
  );
}

async function send(
  { egress, config, abortTries }: DeliverDeps,
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
    signal: abortTries,
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
    withoutLimit('disabling a webhook endpoint', log),
  );
  if (isDisabled) log.warn({ endpointId, reason }, 'disabled a webhook endpoint');
}
