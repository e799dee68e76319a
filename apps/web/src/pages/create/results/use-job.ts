/** A job, kept fresh by its events; while it waits, also by the movement of the queue. */
import { answer, ApiError } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import type { Job } from '../draft/types.ts';

export interface JobState {
  job: Job | null;
  /** When it was read, Unix seconds: the times of its queue count from here. */
  readAt: number;
  /** It was deleted. */
  isGone: boolean;
}

export function useJob(id: string): JobState {
  const read = () => answer(client.GET('/v1/jobs/{id}', { params: { path: { id } } }));
  const own = useQuery({ queryKey: keys.job(id), queryFn: read });
  const isWaiting = own.data?.status === 'queued';
  const waiting = useQuery({
    queryKey: [...keys.queue, 'job', id],
    queryFn: read,
    enabled: isWaiting,
    gcTime: 0,
  });
  const newer = isWaiting && waiting.dataUpdatedAt > own.dataUpdatedAt ? waiting : own;
  return {
    job: newer.data ?? null,
    readAt: newer.dataUpdatedAt / 1_000,
    isGone: own.error instanceof ApiError && own.error.status === 404,
  };
}
