import { useTexts } from '../../../texts/i18n.ts';
import type { QueueEntry } from '../types.ts';
import { waitReasonTexts } from './texts.ts';

/** Why a job waits, in the visitor's language. */
export function useWaitReason(reason: QueueEntry['reason']): string {
  const t = useTexts(waitReasonTexts);
  const texts: Readonly<Record<QueueEntry['reason'], string>> = {
    pace: t.pace,
    priority: t.priority,
    pool_paused: t.pool_paused,
    deployment_paused: t.deployment_paused,
    model_paused: t.model_paused,
    blocked: t.blocked,
    refused: t.refused,
    retry: t.retry,
    store_away: t.store_away,
    spool_full: t.spool_full,
    batch_paused: t.batch_paused,
    not_served: t.not_served,
  };
  return texts[reason];
}
