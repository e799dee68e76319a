import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { client } from './client.ts';

/** Cancels a job before it is paid. The request is sent even while the page is being closed. */
export async function cancelJob(id: string): Promise<components['schemas']['ImageJob']> {
  const params = { path: { id } };
  return answer(client.POST('/v1/jobs/{id}/cancel', { params, body: {}, keepalive: true }));
}
