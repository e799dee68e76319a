/**
 * The `Prefer` header (RFC 7240): `wait=N` (at most 60 seconds) and `respond-async`. Unknown
 * preferences are ignored, as the RFC requires.
 */
import type { Job } from '@kiln/shared/schemas/job';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WaitLimiter } from '../limits/wait-limiter.ts';

const maxWaitSeconds = 60;

/** True when the caller wants the job at once instead of waiting for its pictures. */
export function prefersAsync(request: FastifyRequest): boolean {
  return readPreferences(request).includes('respond-async');
}

function readPreferences({ headers }: FastifyRequest): string[] {
  return String(headers.prefer ?? '')
    .split(',')
    .map((preference) => preference.trim().toLowerCase());
}

/** Seconds after which an unfinished job is worth reading again. */
export function retryAfterSeconds({ queue }: Pick<Job, 'queue'>): number {
  return Math.min(60, Math.max(1, queue?.eta_seconds ?? 1));
}

/**
 * Milliseconds to wait for the end of the job; 0: answer at once. When all slots are taken it
 * returns 0 as well: a server may ignore a preference, and the caller loses nothing.
 */
export function admitWait(
  request: FastifyRequest,
  reply: FastifyReply,
  limiter: WaitLimiter,
): number {
  const preferences = readPreferences(request);
  if (preferences.includes('respond-async')) return 0;
  const seconds = preferences
    .map((preference) => /^wait=(\d{1,6})$/.exec(preference)?.[1])
    .find((found) => found !== undefined);
  if (seconds === undefined || !limiter.admit(reply)) return 0;
  const applied = Math.min(maxWaitSeconds, Number(seconds));
  void reply.header('preference-applied', `wait=${applied}`);
  return applied * 1000;
}
