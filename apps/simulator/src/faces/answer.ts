/** One answer as it is sent, before ids are added. */
import type { Problem } from '../parameters/problem.ts';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Text is sent unchanged; anything else is sent as JSON. */
  body: unknown;
}

/** An invalid parameter; both providers report it in the same form. */
export function buildProblemAnswer({ message, param, code }: Problem): Answer {
  return {
    status: 400,
    headers: {},
    body: { error: { message, type: 'invalid_request_error', param, code } },
  };
}

/** `Retry-After` holds whole seconds, at least one; `retry-after-ms` is exact. */
export function buildRetryHeaders(waitMs: number): Record<string, string> {
  return { 'retry-after': String(toSeconds(waitMs)), 'retry-after-ms': String(waitMs) };
}

export function toSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
