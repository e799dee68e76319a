import { answer } from '@kiln/client/client';
import type { Job, JobRequest } from '../requests/types.ts';
import { client, newKey } from './client.ts';

/**
 * Sends a job for new pictures, whatever was made before. Its key makes it one job, whatever the
 * network repeats.
 */
export async function sendNewJob(request: JobRequest): Promise<Job> {
  const params = { header: { 'idempotency-key': newKey() } };
  const body = { dedupe: 'off' as const, ...request };
  const made = await answer(client.POST('/v1/jobs', { body, params }));
  if (made.object === 'image.offer') throw new Error(made.message);
  return made;
}
