/** The ledger of a job: the calls to providers that were made for it. */
import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { client } from './client.ts';
import { keys } from './keys.ts';

/** @param isWanted false: there are none yet, so nothing is fetched */
export function useAttempts(jobId: string, isWanted = true) {
  return useQuery({
    queryKey: [...keys.job(jobId), 'attempts'],
    queryFn: () =>
      answer(client.GET('/v1/jobs/{id}/attempts', { params: { path: { id: jobId } } })),
    enabled: isWanted,
  });
}
