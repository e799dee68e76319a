import { Copy } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import type { EndpointWithSecret } from '../types.ts';
import { webhookTexts } from './texts.ts';

interface SecretProps {
  endpoint: EndpointWithSecret;
  hint: string;
  onKept: () => void;
}

/** A new secret of an endpoint. It stays until the visitor says that it is kept. */
export function Secret({ endpoint: { url, secret }, hint, onKept }: SecretProps) {
  const t = useTexts(webhookTexts);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(secret);
      showToast(t.copied);
    } catch {
      showProblem(t.copyFailed);
    }
  }

  return (
    <div ref={box} tabIndex={-1} className="animate-rise">
      <Notice
        tone="good"
        title={t.secretTitle}
        actions={
          <>
            <Button size="small" icon={Copy} onClick={() => void copy()}>
              {t.copy}
            </Button>
            <Button size="small" onClick={onKept}>
              {t.isKept}
            </Button>
          </>
        }
      >
        <p className="wrap-anywhere text-muted">{url}</p>
        <code className="rounded-small bg-surface px-3 py-2 font-mono wrap-anywhere select-all">
          {secret}
        </code>
        <p>{hint}</p>
      </Notice>
    </div>
  );
}
