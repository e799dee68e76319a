/**
 * A job without pictures, as the error its waiting caller gets. Clients and what lies between
 * repeat 408, 409, 429 and 5xx by themselves, and a repetition is another job that is paid for:
 * once the job exists, no error has such a status.
 */
import { findDeployment, type Deployment } from '../../models/deployment.ts';
import { errorCatalogue, KilnError, type ErrorCode } from '../../errors.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import { toKilnError } from '../to-kiln-error.ts';

/** `because`: why it is not waited for any longer, where it is still under way. */
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
        `${id} is held, as nobody knows whether its last call was executed${reason}; POST /v1/jobs/${id}/resolve decides`,
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
        provider === 'azure' ? 'content_policy_violation' : 'moderation_blocked',
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
        `${message}; POST /v1/jobs/${id}/retry asks again, as sending the request again does`,
        details,
      );
  }
}

/**
 * What went wrong while the pictures of a job were waited for or read, as an error that nobody
 * repeats by itself.
 */
export function toUnavailableError(jobId: string, error: unknown): KilnError {
  const known = toKilnError(error);
  if (!isRepeated(known.code)) return known;
  return new KilnError(
    'result_unavailable',
    `${jobId} was accepted, but cannot be read now: ${known.message}; ${whereItIs(jobId)}`,
    { cause: known.cause ?? known },
  );
}

function isRepeated(code: ErrorCode): boolean {
  const { status } = errorCatalogue[code];
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function whereItIs(id: string): string {
  return `its result is kept, and GET /v1/jobs/${id} has it. The same request makes, and pays for, another one, unless both have the same Idempotency-Key`;
}
