/**
 * Use cases of webhooks that a job or batch asks for with `webhook_url`, and of the project's
 * secret that signs them (ADR 15).
 */
import { KilnError } from '../../errors.ts';
import {
  findProjectSecret,
  rotateProjectSecret,
} from '../../records/webhooks/webhook-endpoints.ts';
import type { ProjectSecret, StoredWebhook } from '../../schemas/webhook.ts';
import { buildSecret } from '../../webhooks/signing.ts';
import { checkWebhookUrl, type WebhookDeps } from './webhook-deps.ts';
import { toProjectSecret } from './webhook-views.ts';
import type { Caller } from '../caller.ts';

export interface WebhookFields {
  webhook_url?: string | undefined;
  webhook_events?: string[] | undefined;
}

/**
 * Returns the webhook of a request, or null. Throws `invalid_request` for events without a URL,
 * `webhook_url_refused`, and `webhook_secret_missing` if the project has no secret: Kiln sends
 * nothing unsigned.
 */
export async function acceptWebhook(
  deps: WebhookDeps,
  { projectId }: Pick<Caller, 'projectId'>,
  { webhook_url: url, webhook_events: events }: WebhookFields,
  defaults: readonly string[],
): Promise<StoredWebhook | null> {
  if (url === undefined) {
    if (events === undefined) return null;
    throw new KilnError('invalid_request', 'webhook_events: requires webhook_url as well', {
      param: 'webhook_events',
    });
  }
  const checkedUrl = await checkWebhookUrl(deps, url, 'webhook_url');
  if ((await findProjectSecret(deps.db, projectId)) === undefined) {
    throw new KilnError(
      'webhook_secret_missing',
      'webhook_url: the project has no secret to sign with; create one: POST ' +
        '/v1/webhook_secret/rotate',
      { param: 'webhook_url' },
    );
  }
  return { url: checkedUrl, events: events ?? [...defaults] };
}

/** Throws `webhook_secret_not_found`. */
export async function readProjectSecret(
  { db }: WebhookDeps,
  { projectId }: Caller,
): Promise<ProjectSecret> {
  const row = await findProjectSecret(db, projectId);
  if (row !== undefined) return toProjectSecret(row);
  throw new KilnError(
    'webhook_secret_not_found',
    'the project has no webhook secret; create one: POST /v1/webhook_secret/rotate',
  );
}

/**
 * Creates or replaces the project's secret and returns it, this once. A replaced secret signs for
 * another day.
 */
export async function renewProjectSecret(
  { db }: WebhookDeps,
  { projectId }: Caller,
): Promise<ProjectSecret & { secret: string }> {
  const secret = buildSecret();
  return { ...toProjectSecret(await rotateProjectSecret(db, projectId, secret)), secret };
}
