/**
 * Classifies a call whose stream ends with an `error` event, or that was answered with success and
 * an error instead of images. Such an error has the body of an HTTP error without its status, which
 * is derived from the names in it.
 */
import { classifyFault, type Fault } from './classify-fault.ts';
import { readErrorBody } from './error-body.ts';
import { statusOfNames } from './refusal-words.ts';

/**
 * An unknown name counts as a server error, whose outcome is unknown.
 * `isUnderway`: partial images arrived before, so the call was executed, whatever the error says.
 */
export function classifyEvent(body: unknown, isUnderway: boolean, nowMs: number): Fault {
  const status = statusOfNames(readErrorBody(body), 500);
  const fault = classifyFault({ kind: 'http', status, headers: {}, body }, nowMs);
  if (!isUnderway || fault.class !== 'refused') return fault;
  return { class: 'unknown', code: 'provider_error', message: fault.message, status: null };
}

/**
 * An error with an unknown name is about the request: the endpoint answered as it does to such
 * requests, and would answer the same again.
 */
export function classifyAnsweredError(
  body: unknown,
  headers: Record<string, string>,
  nowMs: number,
): Fault {
  const status = statusOfNames(readErrorBody(body), 400);
  return classifyFault({ kind: 'http', status, headers, body }, nowMs);
}
