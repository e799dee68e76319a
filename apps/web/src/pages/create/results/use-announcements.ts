/** Says to screen readers when a job of the list has ended. */
import { announce } from '../../../app/announcer.tsx';
import { queryClient } from '../../../api/query-client.ts';
import { keys } from '../../../api/keys.ts';
import { useEvents } from '../../../live/use-events.ts';
import type { Job } from '../draft/types.ts';
import { resultTexts } from './texts.ts';

const mostWords = 80;

export function useAnnouncements(ids: readonly string[]): void {
  useEvents((events) => {
    for (const { type, data } of events) {
      if (!ids.includes(data.id)) continue;
      const t = resultTexts.get();
      const prompt = queryClient.getQueryData<Job>(keys.job(data.id))?.request.prompt ?? '';
      const short = prompt.slice(0, mostWords);
      if (type === 'job.succeeded') announce(t.ready({ prompt: short }));
      if (type === 'job.failed') announce(t.hasFailed({ prompt: short }));
    }
  });
}
