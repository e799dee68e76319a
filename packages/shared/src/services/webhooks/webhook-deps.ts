/** What the use-cases of webhooks are given, and what they begin with. */
import { KilnError } from '../../errors.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Egress } from '../../webhooks/egress.ts';

export interface WebhookDeps {
  db: Database;
  egress: Egress;
}

/** Throws `webhook_url_refused` for a URL that nothing would be sent to. */
export async function checkWebhookUrl(
  { egress }: Pick<WebhookDeps, 'egress'>,
  url: string,
  param: string,
): Promise<void> {
  const check = await egress.check(url);
  if (check.status === 'refused')
    throw new KilnError('webhook_url_refused', `${param}: ${check.reason}`, { param });
}
