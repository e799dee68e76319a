import type { LiveEvent } from '../../../live/live-event.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { eventTexts } from '../../../words/events/texts.ts';

/** The words of one event. A change that lets something run next has words of its own. */
export function useEventText(): (event: Pick<LiveEvent, 'type' | 'data'>) => string {
  const t = useTexts(eventTexts);
  return ({ type, data: { changed } }) => {
    if (!Array.isArray(changed) || !changed.includes('position')) return t[type];
    return type === 'batch.updated' ? t.batch_runs_next : t.job_runs_next;
  };
}
