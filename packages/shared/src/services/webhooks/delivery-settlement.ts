/** Maps the outcome of a try to the try's record and to the next state of the delivery. */
import { nextPauseMs } from '../../domain/delivery-schedule.ts';
import type { TryError } from '../../domain/delivery-state.ts';
import type { Settlement, Try } from '../../records/webhooks/delivery-dispatches.ts';
import type { PostOutcome } from '../../webhooks/egress.ts';

export function toTry(outcome: PostOutcome): Pick<Try, 'httpStatus' | 'error' | 'answer'> {
  return outcome.status === 'failed'
    ? { httpStatus: null, error: outcome.error, answer: null }
    : { httpStatus: outcome.httpStatus, error: errorOf(outcome), answer: outcome.excerpt };
}

function errorOf(outcome: PostOutcome): TryError | null {
  if (outcome.status === 'failed') return outcome.error;
  const { httpStatus } = outcome;
  if (httpStatus >= 200 && httpStatus < 300) return null;
  if (httpStatus === 410) return 'gone';
  return httpStatus >= 300 && httpStatus < 400 ? 'redirected' : 'refused';
}

/** @param triesBefore earlier tries in this run through the schedule */
export function settlementOf(
  triesBefore: number,
  outcome: PostOutcome,
  minuteMs: number,
): Settlement {
  const error = errorOf(outcome);
  if (error === null) return { status: 'delivered' };
  if (error === 'gone') return { status: 'failed', failure: 'gone' };
  return settlementOfFailure(
    triesBefore,
    outcome.status === 'answered' ? outcome.retryAfterMs : null,
    minuteMs,
  );
}

/** Schedules the next try; fails the delivery if the last one was made. */
export function settlementOfFailure(
  triesBefore: number,
  retryAfterMs: number | null,
  minuteMs: number,
): Settlement {
  const pauseMs = nextPauseMs(triesBefore + 1, retryAfterMs, { random: Math.random(), minuteMs });
  return pauseMs === null
    ? { status: 'failed', failure: 'exhausted' }
    : { status: 'pending', pauseMs };
}
