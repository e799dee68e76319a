import type { EventType } from '../../../live/event-types.ts';
import type { LiveEvent } from '../../../live/live-event.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { eventTexts } from './texts.ts';

/** What an event says, in the visitor's language. */
export function useEventWords(): Readonly<Record<EventType, string>> {
  const t = useTexts(eventTexts);
  return {
    'job.created': t.job_created,
    'job.started': t.job_started,
    'job.retrying': t.job_retrying,
    'job.updated': t.job_updated,
    'job.held': t.job_held,
    'job.succeeded': t.job_succeeded,
    'job.failed': t.job_failed,
    'job.cancelled': t.job_cancelled,
    'job.expired': t.job_expired,
    'job.deleted': t.job_deleted,
    'job.composite_made': t.job_composite_made,
    'job.composite_skipped': t.job_composite_skipped,
    'job.partial_image': t.job_partial_image,
    'batch.in_progress': t.batch_in_progress,
    'batch.progress': t.batch_progress,
    'batch.updated': t.batch_updated,
    'batch.completed': t.batch_completed,
    'batch.failed': t.batch_failed,
    'batch.expired': t.batch_expired,
    'batch.cancelled': t.batch_cancelled,
    'pool.blocked': t.pool_blocked,
    'pool.resumed': t.pool_resumed,
    'model.paused': t.model_paused,
    'model.resumed': t.model_resumed,
    'webhook_endpoint.disabled': t.webhook_endpoint_disabled,
  };
}

/** The words of one event. A change that lets something run next has words of its own. */
export function useEventText(): (event: Pick<LiveEvent, 'type' | 'data'>) => string {
  const words = useEventWords();
  const t = useTexts(eventTexts);
  return ({ type, data: { changed } }) => {
    if (!Array.isArray(changed) || !changed.includes('position')) return words[type];
    return type === 'batch.updated' ? t.batch_runs_next : t.job_runs_next;
  };
}
