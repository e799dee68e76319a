/**
 * Classifies a call that gave no usable image. The class decides whether the call may be repeated
 * and who pays:
 *
 * * refused: certainly not executed; repeated, and no attempt is spent
 * * rejected: executed and refused for its content or parameters; never repeated automatically
 * * unknown: may have been executed and billed; the policy for unknown outcomes decides
 * * unusable: answered with success, but without an image that can be kept
 *
 * Pure: callers repeat, pause and count. Used by `provider.ts` and by recovery.
 */
import { cutMessage, readErrorBody, type ErrorBody } from './error-body.ts';
import type { FaultCode } from './fault-codes.ts';
import {
  isAboutBudget,
  isAboutContent,
  isAboutDeployment,
  isAboutKey,
  isAboutModel,
  isAboutQuota,
  isOperationUnsupported,
  isPassingRefusal,
  isResourceBlocked,
} from './refusal-words.ts';
import { readRetryHint } from './retry-hint.ts';

/** The provider executes nothing before the last byte of the request was written. */
export type CallPhase = 'before_request_written' | 'while_written' | 'after_request_written';

type HttpAnswer = {
  kind: 'http';
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON, or the text of a body that is not JSON. */
  body: unknown;
};

export type ProviderAnswer =
  | HttpAnswer
  | { kind: 'network'; phase: CallPhase; code: string; message: string }
  | { kind: 'timeout'; phase: CallPhase; timeoutMs: number }
  | { kind: 'silence'; phase: CallPhase; idleMs: number }
  | { kind: 'credentials'; message: string }
  | { kind: 'worker_lost' };

export type Moderation = { stage: string | null; categories: string[] };

export type Refused = {
  class: 'refused';
  code: FaultCode;
  message: string;
  /** How long the provider asks us to wait; null: it does not say. */
  waitMs: number | null;
  /**
   * Whom the refusal concerns, as far as the answer says:
   *
   * * `pool`: its calls wait for `waitMs` (null: at least 5 s, longer each time)
   * * `deployment`: a person has to repair it. It is paused, unless it answers other jobs
   * * `model`: the same, for one model at the deployment
   * * `call`: this call only
   */
  owner: 'pool' | 'deployment' | 'model' | 'call';
  /**
   * The answer names the owner. Otherwise the job itself may be the cause, and whether another job
   * is answered decides that.
   */
  isCertain: boolean;
  status: number | null;
};

export type Fault =
  | Refused
  | {
      class: 'rejected';
      code: FaultCode;
      message: string;
      param: string | null;
      moderation: Moderation | null;
      /** The provider refuses such a request now and then, and takes it a moment later. */
      isPassing: boolean;
      status: number;
    }
  | { class: 'unknown'; code: FaultCode; message: string; status: number | null }
  | {
      class: 'unusable';
      code: FaultCode;
      message: string;
      /**
       * What the answer looked like, in words that are equal for equal answers. A shape belongs to
       * the endpoint, not to chance: a deployment that gave it once will probably give it again.
       */
      shape: string;
      /** False when another call would get the same answer and would be paid as well. */
      mayRepeat: boolean;
    };

/**
 * Statuses that refuse a request instead of executing it (RFC 9110). Usually the address is wrong:
 * something other than the provider answers. But firewalls refuse single requests with some of
 * them.
 */
const notExecuted = [403, 404, 405, 406, 410, 411, 412, 414, 415, 421, 426, 431, 451, 501];
const redirects = [301, 302, 307, 308];
/** Cloudflare could not reach the provider, so the provider has not seen the request. */
const unreached = [521, 523, 525, 526, 530];

/**
 * Classifies an answer without a usable image; a 2xx is always `unusable` here. `nowMs` is needed
 * for HTTP dates.
 */
export function classifyFault(answer: ProviderAnswer, nowMs: number): Fault {
  switch (answer.kind) {
    case 'http':
      return classifyHttp(answer, nowMs);
    case 'network':
      return unreachable(answer.phase, 'connection_lost', `${answer.code}: ${answer.message}`);
    case 'timeout':
      return unreachable(
        answer.phase,
        'provider_timeout',
        `No answer within ${answer.timeoutMs} ms`,
      );
    case 'silence':
      return unreachable(
        answer.phase,
        'provider_timeout',
        `Nothing was heard for ${answer.idleMs} ms`,
      );
    case 'credentials':
      return {
        class: 'refused',
        code: 'pool_paused_auth',
        message: cutMessage(answer.message),
        waitMs: null,
        owner: 'deployment',
        isCertain: true,
        status: null,
      };
    case 'worker_lost':
      return {
        class: 'unknown',
        code: 'worker_lost',
        message: 'The worker ended while the call was under way',
        status: null,
      };
  }
}

function unreachable(phase: CallPhase, codeAfter: FaultCode, text: string): Fault {
  const message = cutMessage(text);
  if (phase === 'after_request_written')
    return { class: 'unknown', code: codeAfter, message, status: null };
  const code = phase === 'while_written' ? 'not_sendable' : 'connection_failed';
  return {
    class: 'refused',
    code,
    message,
    waitMs: null,
    owner: 'call',
    isCertain: true,
    status: null,
  };
}

function classifyHttp(answer: HttpAnswer, nowMs: number): Fault {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const shape = describeShape(answer.body);
    return {
      class: 'unusable',
      code: 'unusable_answer',
      message: `HTTP ${status} with ${shape}`,
      shape,
      mayRepeat: true,
    };
  }
  const error = readErrorBody(answer.body);
  const message =
    cutMessage(readMessage(answer, error)) || `HTTP ${status} without an error message`;
  if (isAboutContent(status, error)) return rejected(status, error, message);
  const waitMs = readRetryHint(answer.headers, error.message, nowMs);
  const refusal = refusalOf(status, error, waitMs);
  if (refusal) return { class: 'refused', ...refusal, message, waitMs, status };
  if (status === 400 || status === 413 || status === 422) return rejected(status, error, message);
  return { class: 'unknown', code: unknownCode(status), message, status };
}

type Refusal = Pick<Refused, 'code' | 'owner' | 'isCertain'>;

/** What is said counts before the status: both Azure and gateways use 403 for five causes. */
function refusalOf(status: number, error: ErrorBody, waitMs: number | null): Refusal | null {
  if (isResourceBlocked(status, error.message))
    return { code: 'pool_paused_blocked', owner: 'deployment', isCertain: true };
  if (isAboutBudget(status, error))
    return { code: 'pool_paused_billing', owner: 'deployment', isCertain: true };
  if (isAboutKey(status, error))
    return { code: 'pool_paused_auth', owner: 'deployment', isCertain: true };
  if (status === 429) return { code: 'rate_limited', owner: 'pool', isCertain: true };
  if (status === 403 && (waitMs !== null || isAboutQuota(error)))
    return { code: 'rate_limited', owner: 'pool', isCertain: true };
  if (isAboutModel(status, error))
    return { code: 'model_paused', owner: 'model', isCertain: false };
  if (isAboutDeployment(error))
    return { code: 'pool_paused_deployment', owner: 'deployment', isCertain: true };
  if (isOperationUnsupported(error))
    return { code: 'pool_paused_deployment', owner: 'deployment', isCertain: false };
  return refusalByStatus(status, waitMs);
}

function refusalByStatus(status: number, waitMs: number | null): Refusal | null {
  if (status === 503 && waitMs !== null)
    return { code: 'provider_unavailable', owner: 'pool', isCertain: true };
  if (redirects.includes(status))
    return { code: 'pool_paused_deployment', owner: 'deployment', isCertain: true };
  if (unreached.includes(status))
    return { code: 'connection_failed', owner: 'call', isCertain: true };
  if (!notExecuted.includes(status)) return null;
  const code =
    status === 403
      ? 'pool_paused_auth'
      : status === 451
        ? 'pool_paused_blocked'
        : 'pool_paused_deployment';
  return { code, owner: 'deployment', isCertain: false };
}

function rejected(status: number, error: ErrorBody, message: string): Fault {
  const { param, filter } = error;
  if (isAboutContent(status, error)) {
    const moderation = filter ?? { stage: null, categories: [] };
    return {
      class: 'rejected',
      code: 'content_policy',
      message,
      param,
      moderation,
      isPassing: false,
      status,
    };
  }
  return {
    class: 'rejected',
    code: status === 413 ? 'provider_rejected_size' : 'provider_rejected_parameters',
    message,
    param,
    moderation: null,
    isPassing: isPassingRefusal(status, error),
    status,
  };
}

function unknownCode(status: number): FaultCode {
  if (status === 408 || status === 504) return 'provider_timeout';
  return status >= 500 && status < 600 ? 'provider_error' : 'unexpected_status';
}

/** A redirect has no message, or an HTML page. */
function readMessage({ status, headers }: HttpAnswer, { message }: ErrorBody): string {
  const target = status < 400 ? headers['location'] : undefined;
  return target === undefined ? message : `HTTP ${status} leads to ${target}`;
}

/** Describes the shape of an answer, never its content, which may be a whole image. */
function describeShape(body: unknown): string {
  if (typeof body === 'string') return `a text of ${body.length} characters instead of JSON`;
  if (typeof body !== 'object' || body === null)
    return `${body === null ? 'null' : typeof body} instead of an object`;
  if (!('data' in body) || !Array.isArray(body.data))
    return `no list of images; its keys are ${cutMessage(Object.keys(body).join(', ')) || 'none'}`;
  return body.data.length === 0
    ? 'an empty list of images'
    : `${body.data.length} images, not all of them usable`;
}
