/**
 * The `Prefer` header (RFC 7240): `wait=N`, at most a minute, and `respond-async`. What is not
 * understood is ignored, as the RFC says.
 */
import type { Job } from '@kiln/shared/schemas/job';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WaitLimiter } from '../limits/wait-limiter.ts';

const longestWaitSeconds = 60;

/** Whether the caller wants the job at once instead of its pictures later. */
export function prefersAsync(request: FastifyRequest): boolean {
  return preferencesOf(request).includes('respond-async');
}

function preferencesOf({ headers }: FastifyRequest): string[] {
  return String(headers.prefer ?? '')
    .split(',')
    .map((preference) => preference.trim().toLowerCase());
}

/** When it is worth looking at a job again that is under way. */
export function retryAfterSeconds({ queue }: Pick<Job, 'queue'>): number {
  return Math.min(60, Math.max(1, queue?.eta_seconds ?? 1));
}

/**
 * Milliseconds the caller is to wait for a job's end; 0: answer at once. That is also for whom
 * there is no place: a preference may be passed over, and nothing is lost by it.
 */
export function takeWaitMs(
  request: FastifyRequest,
  reply: FastifyReply,
  room: WaitLimiter,
): number {
  const preferences = preferencesOf(request);
  if (preferences.includes('respond-async')) return 0;
  const seconds = preferences
    .map((preference) => /^wait=(\d{1,6})$/.exec(preference)?.[1])
    .find((found) => found !== undefined);
  if (seconds === undefined || !room.enter(reply)) return 0;
  const applied = Math.min(longestWaitSeconds, Number(seconds));
  void reply.header('preference-applied', `wait=${applied}`);
  return applied * 1000;
}
