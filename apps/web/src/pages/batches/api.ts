/** What the pages of batches ask of the API. */
import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useQuery } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

export type Batch = components['schemas']['Batch'];
export type BatchRow = components['schemas']['BatchRow'];
export type BatchValidation = components['schemas']['BatchValidation'];

export function useBatch(id: string) {
  return useQuery({
    queryKey: [...keys.batch(id), 'batch'],
    queryFn: () => answer(client.GET('/v1/batches/{id}', { params: { path: { id } } })),
  });
}

/** Rows that have ended, of all, and how many of them failed; shares are 0 to 1. */
export function progressOf({ request_counts: counts }: Batch) {
  const { total, completed, failed, cancelled } = counts;
  const share = (count: number): number => (total === 0 ? 0 : count / total);
  return {
    ended: completed + failed + cancelled,
    total,
    doneShare: share(completed),
    failedShare: share(failed),
  };
}

export function hasEnded({ status }: Batch): boolean {
  return ['completed', 'failed', 'expired', 'cancelled'].includes(status);
}
