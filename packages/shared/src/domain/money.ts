/** Money: the database counts whole micro-dollars, so no sum drifts; the API shows US dollars. */

const microsPerUsd = 1_000_000;

export function toUsd(micros: number): number;
export function toUsd(micros: number | null): number | null;
export function toUsd(micros: number | null): number | null {
  return micros === null ? null : micros / microsPerUsd;
}

/** Rounds to the nearest micro-dollar. */
export function toMicros(usd: number): number;
export function toMicros(usd: number | null): number | null;
export function toMicros(usd: number | null): number | null {
  return usd === null ? null : Math.round(usd * microsPerUsd);
}

/** A million dollars. A larger amount in an answer is no cost, and sums of it would overflow. */
const mostMicros = 1e12;

/** The cost of a call as the records can hold it: null, not known, for an impossible amount. */
export function recordableMicros(micros: number | null): number | null {
  return micros !== null && micros >= 0 && micros <= mostMicros ? Math.round(micros) : null;
}
