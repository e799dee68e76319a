/**
 * Reads how long the provider asks us to wait, in milliseconds, from the headers and the text of an
 * error.
 */

import { parseRetryAfterMs } from '../../domain/retry-after.ts';

/** Azure sometimes asks for a whole day; a hint of a longer wait counts as a mistake. */
const maxWaitMs = 86_400_000;

/** The hint is in the first sentences; a gateway's page may have megabytes. */
const searchedCharacters = 10_000;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads the hint; null: there is none. `retry-after-ms` is more precise than `retry-after` and
 * replaces it; a hint in the text counts if it is longer. Rounded up, because Redis refuses
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
 * Reads a hint in the text: Azure writes `Please retry after 9 seconds.`, OpenAI writes `Please try
 * again in 20s`, `6m0s` or `1m30.5s`.
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
