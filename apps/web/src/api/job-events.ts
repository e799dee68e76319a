import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { client } from './client.ts';

/** More than the events of nearly every job; the API gives the oldest ones. */
const mostEvents = 100;

/**
 * The stored events of a job, oldest first.
 * @param types only these, separated by commas; left out: all
 */
export async function readJobEvents(
  jobId: string,
  types?: string,
): Promise<components['schemas']['Event'][]> {
  const page = await answer(
    client.GET('/v1/events', {
      params: {
        query: { job_id: jobId, limit: mostEvents, ...(types === undefined ? {} : { types }) },
        header: { accept: 'application/json' },
      },
    }),
  );
  return typeof page === 'string' ? [] : page.data;
}
