/** Parses which ledger entries to return, and which facts to wait for first. */
import type { Tally } from '../ledger.ts';
import { SettingsError } from '../settings.ts';

export interface LedgerQuery {
  /** Returns only entries with a higher `seq`. */
  after: number;
  limit: number;
  /** Longest wait for the requested facts, in milliseconds. */
  waitMs: number;
  isReached(tally: Tally): boolean;
}

export function parseLedgerQuery(query: unknown): LedgerQuery {
  const { after, limit, wait_ms, min_calls, min_finished, min_paid, in_flight, ...rest } =
    query as Record<string, string | undefined>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0)
    throw new SettingsError(unknown.map((name) => `${name}: unknown parameter.`));
  const wanted = {
    calls: parseCount('min_calls', min_calls, 0),
    finished: parseCount('min_finished', min_finished, 0),
    paid: parseCount('min_paid', min_paid, 0),
    inFlight: in_flight === undefined ? null : parseCount('in_flight', in_flight, 0),
  };
  return {
    after: parseCount('after', after, 0),
    limit: parseCount('limit', limit, Number.MAX_SAFE_INTEGER),
    // At most an hour: the test, not the simulator, sets the real time limit.
    waitMs: Math.min(parseCount('wait_ms', wait_ms, 0), 3_600_000),
    isReached: (tally) =>
      tally.calls >= wanted.calls &&
      tally.calls - tally.in_flight >= wanted.finished &&
      tally.paid >= wanted.paid &&
      (wanted.inFlight === null || tally.in_flight === wanted.inFlight),
  };
}

function parseCount(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text))
    throw new SettingsError([`${name}: must be a whole number, but got '${text}'.`]);
  return Number(text);
}
