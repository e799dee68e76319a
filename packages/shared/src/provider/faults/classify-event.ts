/**
 * Classifies a call whose stream ends with an `error` event. The event has the body of an HTTP
 * error without its status, which is derived from the names in it. An unknown name counts as a
 * server error, whose outcome is unknown.
 */
import { billingNames, classifyFault, moderationNames, type Fault } from './classify-fault.ts';
import { readErrorBody } from './error-body.ts';

const rejectedNames = ['invalidrequesterror', 'imagegenerationusererror'];
const refusedNames = ['ratelimitexceeded', 'toomanyrequests', 'requests', 'tokens'];

/**
 * `isUnderway`: partial images arrived before, so the call was executed, whatever the error says.
 */
export function classifyEvent(body: unknown, isUnderway: boolean, nowMs: number): Fault {
  const fault = classifyFault({ kind: 'http', status: statusOf(body), headers: {}, body }, nowMs);
  if (!isUnderway || fault.class !== 'refused') return fault;
  return { class: 'unknown', code: 'provider_error', message: fault.message, status: null };
}

function statusOf(body: unknown): number {
  const { names, filter } = readErrorBody(body);
  const has = (known: readonly string[]) => names.some((name) => known.includes(name));
  const written = names.find((name) => /^[45]\d\d$/.test(name));
  if (written !== undefined) return Number(written);
  if (has(refusedNames)) return 429;
  if (has(billingNames) || has(moderationNames) || has(rejectedNames) || filter !== null)
    return 400;
  return has(['timeout']) ? 408 : 500;
}
