import type { ReactNode } from 'react';
import { useNow } from '../../../components/display/clock.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Pool } from '../types.ts';

/** Why the pool, or a part of it, does not run, in whose words, and until when. */
export function Stops({ pool }: { pool: Pool }) {
  const t = useTexts(queueTexts);
  return (
    <>
      <PoolStop pool={pool} />
      {pool.deployments.map((deployment) => (
        <div key={deployment.name} className="contents">
          {deployment.status === 'paused' && pool.status !== 'paused' && (
            <Stop words={deployment.paused_message} probeAt={deployment.next_probe_at}>
              {t.deploymentPaused({
                deployment: deployment.name,
                code: deployment.paused_reason ?? '?',
              })}
            </Stop>
          )}
          {deployment.paused_models.map((paused) => (
            <Stop key={paused.model} words={paused.paused_message} probeAt={paused.next_probe_at}>
              {t.modelPaused({
                deployment: deployment.name,
                model: paused.model,
                code: paused.paused_reason,
              })}
            </Stop>
          ))}
        </div>
      ))}
    </>
  );
}

function PoolStop({ pool }: { pool: Pool }) {
  const t = useTexts(queueTexts);
  const { status, blocked_reason: reason, blocked_until: until, blocked_message: words } = pool;
  if (status === 'open') return null;
  if (status === 'blocked')
    return (
      <Stop words={words} endsAt={until}>
        {t.byProvider({ code: reason ?? '429' })}
      </Stop>
    );
  if (reason === 'operator' || reason === null) return <Stop words={null}>{t.byOperator}</Stop>;
  return (
    <Stop words={words} probeAt={until}>
      {t.byFault({ code: reason })}
    </Stop>
  );
}

interface StopProps {
  /** The provider's own words. */
  words: string | null;
  /** When it is over, in Unix seconds. */
  endsAt?: number | null;
  /** When it is tried whether it is over, in Unix seconds. */
  probeAt?: number | null;
  children: ReactNode;
}

function Stop({ words, endsAt = null, probeAt = null, children }: StopProps) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const now = useNow();
  return (
    <Notice tone="warn">
      <p>
        {children}{' '}
        {endsAt !== null && (
          <span className="tabular">{t.inTime({ duration: format.duration(endsAt - now) })}</span>
        )}
        {probeAt !== null && (
          <span className="tabular">{t.probeIn({ duration: format.duration(probeAt - now) })}</span>
        )}
      </p>
      {words !== null && (
        <p className="text-small wrap-anywhere text-muted">{t.because({ message: words })}</p>
      )}
    </Notice>
  );
}
