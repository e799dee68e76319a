/**
 * The states of an attempt: one HTTP call to the provider.
 *
 *   in_flight  written before the call, so that a crash leaves a trace
 *   succeeded  answered with images, which are stored
 *   refused    certainly not executed (429, no connection, wrong key): it costs nothing
 *   rejected   executed, and refused for its content or its parameters
 *   unusable   answered with status 200 and no usable image
 *   unknown    cut off, timed out, answered with a 5xx, or the worker died: it may be billed
 */
import { statusesBefore, type StatusBefore, type Transitions } from './transitions.ts';

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
 * What may follow each status. An attempt leaves `unknown` only when its answer becomes known
 * later: the answer of a worker that had lost the job, or one that was found in a spool or in the
 * store.
 */
export const attemptTransitions = {
  in_flight: ['succeeded', 'refused', 'rejected', 'unusable', 'unknown'],
  unknown: ['succeeded', 'refused', 'rejected', 'unusable', 'unknown'],
  succeeded: [],
  refused: [],
  rejected: [],
  unusable: [],
} as const satisfies Transitions<AttemptStatus>;

export type AttemptStatusBefore<To extends AttemptStatus> = StatusBefore<
  typeof attemptTransitions,
  To
>;

export function attemptStatusesBefore(to: AttemptStatus): AttemptStatus[] {
  return statusesBefore<AttemptStatus>(attemptTransitions, to);
}
