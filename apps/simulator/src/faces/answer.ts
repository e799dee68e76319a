/** One answer as it goes over the wire, before ids are added. */
import type { Problem } from '../parameters/problem.ts';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. */
  body: unknown;
}

/** A parameter that is wrong: both providers say it in the same form. */
export function buildProblemAnswer({ message, param, code }: Problem): Answer {
  return {
    status: 400,
    headers: {},
    body: { error: { message, type: 'invalid_request_error', param, code } },
  };
}

/** `Retry-After` has whole seconds, at least one; `retry-after-ms` is exact. */
export function buildRetryHeaders(waitMs: number): Record<string, string> {
  return { 'retry-after': String(toSeconds(waitMs)), 'retry-after-ms': String(waitMs) };
}

export function toSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
