/**
 * The last preview of a job that the provider is working on. It is looked up among the stored
 * events, so that a reload and another tab show it as well; each new one makes the job's queries
 * old (api/keys.ts).
 */
import { useQuery } from '@tanstack/react-query';
import { address } from '../../../api/client.ts';
import { readJobEvents } from '../../../api/job-events.ts';
import { keys } from '../../../api/keys.ts';

export interface PartialImage {
  address: string;
  /** How many have come, 1 for the first. */
  count: number;
}

export function usePartialImage(jobId: string): PartialImage | null {
  const { data: events = [] } = useQuery({
    queryKey: [...keys.job(jobId), 'partial-images'],
    queryFn: () => readJobEvents(jobId, 'job.partial_image,job.retrying'),
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
