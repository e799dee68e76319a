/**
 * The states of an attempt: one HTTP call to the provider.
 *
 *   in_flight  written before the call, so that a crash leaves a trace
 *   succeeded  an answer whose images are kept
 *   refused    certainly not executed (429, no connection, wrong key): costs nothing
 *   rejected   executed and refused for its content or parameters
 *   unusable   answered 200 without a usable image
 *   unknown    cut, timed out, 5xx, or the worker died: it may have been billed
 */
export const attemptStatuses = [
  'in_flight',
  'succeeded',
  'refused',
  'rejected',
  'unusable',
  'unknown',
] as const;

export type AttemptStatus = (typeof attemptStatuses)[number];

/**
 * `unknown` is left again only by late knowledge: a stale worker whose answer came after its job
 * was taken from it.
 */
export const attemptTransitions: Readonly<Record<AttemptStatus, readonly AttemptStatus[]>> = {
  in_flight: ['succeeded', 'refused', 'rejected', 'unusable', 'unknown'],
  unknown: ['succeeded', 'refused', 'rejected', 'unusable'],
  succeeded: [],
  refused: [],
  rejected: [],
  unusable: [],
};
