import type { components } from '@kiln/client/openapi';
import { useTexts } from '../../../texts/i18n.ts';
import { tryErrorTexts } from './texts.ts';

type Code = NonNullable<components['schemas']['WebhookDeliveryWithLog']['log'][number]['error']>;

/** Why a try did not deliver. The code stays beside the words: logs and the docs have it. */
export function TryError({ code }: { code: Code }) {
  const t = useTexts(tryErrorTexts);
  const words: Readonly<Record<Code, string>> = {
    url_refused: t.url_refused,
    address_refused: t.address_refused,
    proxy_failed: t.proxy_failed,
    connection_failed: t.connection_failed,
    tls_failed: t.tls_failed,
    timed_out: t.timed_out,
    connection_lost: t.connection_lost,
    invalid_answer: t.invalid_answer,
    redirected: t.redirected,
    refused: t.refused,
    gone: t.gone,
    worker_lost: t.worker_lost,
    run_failed: t.run_failed,
  };
  return (
    <>
      <span className="text-bad">{words[code]}</span>
      <span className="font-mono text-muted">{code}</span>
    </>
  );
}
