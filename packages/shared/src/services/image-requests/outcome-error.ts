/**
 * Turns a job without pictures into the error for its waiting caller. Clients and proxies repeat
 * 408, 409, 429 and 5xx by themselves, and each repetition is another job that is paid for. So once
 * the job exists, no error has such a status.
 */
import { findDeployment, type Deployment } from '../../models/deployment.ts';
import { errorCatalogue, KilnError, type ErrorCode } from '../../errors.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import { toKilnError } from '../to-kiln-error.ts';

/**
 * `because` says why an unfinished job is not waited for any longer. Returns null for a success.
 */
export function toOutcomeError(
  row: JobRow,
  deployments: readonly Deployment[],
  because: string,
): KilnError | null {
  const { id, status, error } = row;
  const reason = error === null ? '' : `: ${error.code}: ${error.message}`;
  switch (status) {
    case 'succeeded':
      return null;
    case 'queued':
    case 'in_progress':
      return new KilnError(
        'result_pending',
        `${id} is ${status}, and ${because}; ${whereItIs(id)}`,
      );
    case 'held':
      return new KilnError(
        'job_held',
        `${id} is held, because it is unknown whether its last call was executed${reason}; ` +
          `decide with POST /v1/jobs/${id}/resolve`,
      );
    case 'cancelled':
    case 'expired':
      return new KilnError('job_cancelled', `${id} was ${status} before it was made`);
    case 'failed':
      return refuseFailed(row, deployments, reason);
  }
}

function refuseFailed(
  { id, error, deployment: name }: JobRow,
  deployments: readonly Deployment[],
  reason: string,
): KilnError {
  const message = `${id} failed${reason}`;
  const details = error?.param ? { param: error.param } : {};
  switch (error?.code) {
    case 'content_policy': {
      const provider = name === null ? null : findDeployment(deployments, name)?.provider;
      const { stage = null, categories = [] } = error.moderation ?? {};
      const found = [stage === null ? [] : `stage ${stage}`, categories].flat().join(', ');
      return new KilnError(
        codeOfPolicyRefusal(provider ?? null),
        found === '' ? message : `${message} (${found})`,
        details,
      );
    }
    case 'provider_rejected_parameters':
    case 'provider_rejected_size':
      return new KilnError(error.code, message, details);
    default:
      return new KilnError(
        'job_failed',
        `${message}; retry with POST /v1/jobs/${id}/retry, or send the request again`,
        details,
      );
  }
}

/** What the clients of each provider know a refusal for its content by. */
export function codeOfPolicyRefusal(provider: Deployment['provider'] | null) {
  return provider === 'azure' ? 'content_policy_violation' : 'moderation_blocked';
}

/**
 * Turns an error raised while waiting for or reading the pictures into one that clients do not
 * repeat by themselves.
 */
export function toUnavailableError(jobId: string, error: unknown): KilnError {
  const known = toKilnError(error);
  if (!isRepeated(known.code)) return known;
  return new KilnError(
    'result_unavailable',
    `${jobId} was accepted, but its result cannot be read now: ${known.message}; ` +
      whereItIs(jobId),
    { cause: known.cause ?? known },
  );
}

function isRepeated(code: ErrorCode): boolean {
  const { status } = errorCatalogue[code];
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function whereItIs(id: string): string {
  return [
    `its result is kept, and GET /v1/jobs/${id} has it. Sending the request again makes and ` +
      'pays for',
    'another picture, unless both requests have the same Idempotency-Key',
  ].join(' ');
}
