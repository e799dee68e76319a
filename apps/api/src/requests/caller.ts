/** Identifies the caller. Until access control exists, every caller is the project `default`. */
import type { FastifyRequest } from 'fastify';
import type { Caller } from '@kiln/shared/services/caller';

export function toCaller(request: FastifyRequest): Caller {
  return {
    projectId: 'default',
    requestId: request.id,
    baseUrl: request.address.baseUrl,
  };
}
