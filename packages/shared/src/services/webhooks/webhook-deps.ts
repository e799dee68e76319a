/** Dependencies of the webhook use cases, and the check that they share. */
import { KilnError } from '../../errors.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Egress } from '../../webhooks/egress.ts';

export interface WebhookDeps {
  db: Database;
  egress: Egress;
}

/**
 * Returns the URL as it is stored: normalised, because deliveries are grouped by its origin. Throws
 * `webhook_url_refused` for a URL that Kiln would not send to.
 */
export async function checkWebhookUrl(
  { egress }: Pick<WebhookDeps, 'egress'>,
  url: string,
  param: string,
): Promise<string> {
  const check = await egress.check(url);
  if (check.status === 'refused')
    throw new KilnError('webhook_url_refused', `${param}: ${check.reason}`, { param });
  return new URL(url).href;
}
