/**
 * The last preview of a job that the provider is working on. It is looked up among the stored
 * events, so that a reload and another tab show it as well; each new one makes the job's queries
 * old (api/keys.ts).
 */
import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { address, client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';

/** More than the attempts of a job and their previews. */
const mostEvents = 100;

export interface PartialImage {
  address: string;
  /** How many have come, 1 for the first. */
  count: number;
}

export function usePartialImage(jobId: string): PartialImage | null {
  const { data: events = [] } = useQuery({
    queryKey: [...keys.job(jobId), 'partial-images'],
    queryFn: async () => {
      const page = await answer(
        client.GET('/v1/events', {
          params: {
            query: {
              job_id: jobId,
              types: 'job.partial_image,job.retrying',
              limit: mostEvents,
            },
            header: { accept: 'application/json' },
          },
        }),
      );
      return typeof page === 'string' ? [] : page.data;
    },
  });
  // Previews of a call that failed say nothing about the call that is under way.
  const last = events.at(-1);
  if (last?.type !== 'job.partial_image') return null;
  const { attempt, partial_image_index: index } = last.data;
  if (typeof attempt !== 'number' || typeof index !== 'number') return null;
  return {
    address: address(`v1/jobs/${jobId}/partial_images/${index}?attempt=${attempt}`),
    count: index + 1,
  };
}
