import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import type { Job, JobRequest } from '../requests/types.ts';
import { client, newKey } from './client.ts';

/**
 * Sends a job. Its key makes it one job, whatever the network repeats. With `dedupe: 'offer'` the
 * answer is what the same request has made before, and nothing is made.
 */
export async function sendJob(
  request: JobRequest,
): Promise<Job | components['schemas']['ImageOffer']> {
  const params = { header: { 'idempotency-key': newKey() } };
  const body = { dedupe: 'off' as const, ...request };
  return answer(client.POST('/v1/jobs', { body, params }));
}

/** Sends a job for new pictures, whatever was made before. */
export async function sendNewJob(request: JobRequest): Promise<Job> {
  const made = await sendJob({ ...request, dedupe: 'off' });
  if (made.object === 'image.offer') throw new Error(made.message);
  return made;
}
