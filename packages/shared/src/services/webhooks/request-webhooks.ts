/**
 * `webhook_url` of a job or a batch, and the project's secret that signs what is sent there (ADR
 * 15).
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
 * What a request asks for, or null. Throws `invalid_request` for events without a URL,
 * `webhook_url_refused`, and
 * `webhook_secret_missing` where there is nothing to sign with: nothing is sent unsigned.
 */
export async function acceptWebhook(
  deps: WebhookDeps,
  { projectId }: Pick<Caller, 'projectId'>,
  { webhook_url: url, webhook_events: events }: WebhookFields,
  defaults: readonly string[],
): Promise<StoredWebhook | null> {
  if (url === undefined) {
    if (events === undefined) return null;
    throw new KilnError('invalid_request', 'webhook_events: needs a webhook_url to send them to', {
      param: 'webhook_events',
    });
  }
  await checkWebhookUrl(deps, url, 'webhook_url');
  if ((await findProjectSecret(deps.db, projectId)) === undefined) {
    throw new KilnError(
      'webhook_secret_missing',
      'webhook_url: there is no secret yet to sign with; make one: POST /v1/webhook_secret/rotate',
      { param: 'webhook_url' },
    );
  }
  // As it is understood: by its beginning those that lead to one receiver are told.
  return { url: new URL(url).href, events: events ?? [...defaults] };
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
    'there is no secret yet; make one: POST /v1/webhook_secret/rotate',
  );
}

/**
 * Makes the project's secret, or another one, shown this once; the one before signs for another
 * day.
 */
export async function renewProjectSecret(
  { db }: WebhookDeps,
  { projectId }: Caller,
): Promise<ProjectSecret & { secret: string }> {
  const secret = buildSecret();
  return { ...toProjectSecret(await rotateProjectSecret(db, projectId, secret)), secret };
}
