/** Who asks. Until access control lands everybody is the project `default`. */
import type { Caller } from '@kiln/shared/services/jobs';
import type { FastifyRequest } from 'fastify';

export function callerOf(request: FastifyRequest): Caller {
  return { projectId: 'default', requestId: request.id, baseUrl: `${request.protocol}://${request.host}` };
}
