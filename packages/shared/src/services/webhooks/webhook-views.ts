/** Maps rows to API objects. None contains a secret: the caller that may show one adds it. */
import { mostTries } from '../../domain/delivery-schedule.ts';
import type { TryError } from '../../domain/delivery-state.ts';
import { toSeconds, toSecondsOrNull } from '../../domain/unix-seconds.ts';
import type { DeliveryRow, TryRow } from '../../records/webhooks/deliveries.ts';
import type { EndpointRow, SecretRow } from '../../records/webhooks/webhook-endpoints.ts';
import type { Delivery, DeliveryWithLog, Endpoint, ProjectSecret } from '../../schemas/webhook.ts';

export function toEndpoint(row: EndpointRow): Endpoint {
  return {
    id: row.id,
    object: 'webhook_endpoint',
    url: row.url,
    events: row.events,
    description: row.description,
    status: row.status,
    disabled_at: toSecondsOrNull(row.disabled_at),
    disabled_reason: row.disabled_reason,
    failing_since: toSecondsOrNull(row.failing_since),
    previous_secret_expires_at: toFutureSecondsOrNull(row.previous_secrets[0]?.until),
    created_at: toSeconds(row.created_at),
  };
}

export function toProjectSecret(row: SecretRow): ProjectSecret {
  return {
    object: 'webhook_secret',
    created_at: toSeconds(row.created_at),
    rotated_at: toSecondsOrNull(row.rotated_at),
    previous_secret_expires_at: toFutureSecondsOrNull(row.previous_secrets[0]?.until),
  };
}

export function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    object: 'webhook_delivery',
    endpoint_id: row.endpoint_id,
    url: row.goes_to,
    event_id: row.event_id,
    event_type: row.event_type,
    job_id: row.job_id,
    batch_id: row.batch_id,
    status: row.status,
    failure: row.failure,
    tries: { made: row.tries_made, of_schedule: row.tries_of_run, max: mostTries },
    next_try_at: toSecondsOrNull(row.next_try_at),
    created_at: toSeconds(row.created_at),
    finished_at: toSecondsOrNull(row.finished_at),
  };
}

export function toDeliveryWithLog(row: DeliveryRow, tries: readonly TryRow[]): DeliveryWithLog {
  return {
    ...toDelivery(row),
    log: tries.map((made) => ({
      number: made.no,
      started_at: toSeconds(made.started_at),
      duration_ms: made.duration_ms,
      http_status: made.http_status,
      error: made.error as TryError | null,
      answer: made.answer,
    })),
  };
}

/** Null for a time in the past, too: an expired secret is not shown. */
function toFutureSecondsOrNull(text: string | undefined): number | null {
  const date = new Date(text ?? 0);
  return date.getTime() <= Date.now() ? null : toSeconds(date);
}
