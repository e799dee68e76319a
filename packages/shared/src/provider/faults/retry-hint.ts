/**
 * How long the provider asks us to wait: read from the headers and from the text of the error, in
 * milliseconds.
 */

import { parseRetryAfterMs } from '../../domain/retry-after.ts';

/** Azure does ask for a whole day; more than that is taken for a mistake. */
const maxWaitMs = 86_400_000;

/** A hint stands in the first sentences; a gateway's page may be megabytes. */
const searchedCharacters = 10_000;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * `retry-after-ms` is the precise form of `retry-after` and replaces it; a hint in the text counts
 * where it is longer than the headers' one. null where there is no hint. Rounded up: Redis refuses
 * fractions of a millisecond.
 */
export function readRetryHint(
  headers: Record<string, string>,
  text: string,
  nowMs: number,
): number | null {
  const fromHeaders =
    readNumber(header(headers, 'retry-after-ms')) ??
    parseRetryAfterMs(header(headers, 'retry-after'), nowMs);
  const fromText = readTextHint(text.slice(0, searchedCharacters));
  if (fromHeaders === null && fromText === null) return null;
  return Math.min(Math.ceil(Math.max(fromHeaders ?? 0, fromText ?? 0)), maxWaitMs);
}

function header(headers: Record<string, string>, name: string): string {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1].trim() ?? '';
}

function readNumber(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/**
 * `Please retry after 9 seconds.` as Azure writes, `Please try again in 20s`, `6m0s` or `1m30.5s`
 * as OpenAI writes.
 */
function readTextHint(text: string): number | null {
  const [, duration] =
    /(?:retry|try again) (?:after|in) ((?:\d+(?:\.\d+)? ?[a-z]+[ ,]{0,2}(?:and )?)+)/i.exec(text) ??
    [];
  if (duration === undefined) return null;
  let waitMs: number | null = null;
  for (const [, amount, word] of duration.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/gi)) {
    const unit = toUnit(word ?? '');
    if (unit !== null) waitMs = (waitMs ?? 0) + Number(amount) * unitMs[unit];
  }
  return waitMs;
}

function toUnit(word: string): keyof typeof unitMs | null {
  const [, ms, s, m, h, d] =
    /^(?:(ms|milliseconds?)|(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))$/i.exec(
      word,
    ) ?? [];
  if (ms) return 'ms';
  if (s) return 's';
  if (m) return 'm';
  if (h) return 'h';
  return d ? 'd' : null;
}
