/**
 * Reads how long the provider asks us to wait, in milliseconds, from the headers and the text of an
 * error.
 */

import { parseRetryAfterMs } from '../../domain/retry-after.ts';

/** Azure sometimes asks for a whole day; a hint of a longer wait counts as a mistake. */
const maxWaitMs = 86_400_000;

/** The hint is in the first sentences; a gateway's page may have megabytes. */
const searchedCharacters = 10_000;

const millisecondHeaders = ['retry-after-ms', 'x-ms-retry-after-ms'];

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads the longest of all hints; null: there is none, or all of them are 0, which says nothing.
 * Rounded up, because Redis refuses fractions of a millisecond.
 */
export function readRetryHint(
  headers: Record<string, string>,
  text: string,
  nowMs: number,
): number | null {
  const inMs = longestOf(millisecondHeaders.map((name) => readNumber(header(headers, name))));
  const retryAfterMs = parseRetryAfterMs(header(headers, 'retry-after'), nowMs);
  // A header in seconds that only rounds up the one in milliseconds is the same hint.
  const isRounded = retryAfterMs !== null && Math.ceil(inMs / 1_000) * 1_000 === retryAfterMs;
  const fromText = readTextHint(text.slice(0, searchedCharacters));
  const longest = longestOf([inMs, isRounded ? null : retryAfterMs, fromText]);
  return longest === 0 ? null : Math.min(Math.ceil(longest), maxWaitMs);
}

function longestOf(hintsMs: readonly (number | null)[]): number {
  return Math.max(0, ...hintsMs.map((ms) => ms ?? 0));
}

function header(headers: Record<string, string>, name: string): string {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1].trim() ?? '';
}

function readNumber(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

const asks = `(?:${[
  String.raw`(?:retry|retrying|try (?:it |your request )?again)(?: after| in)`,
  '(?:replenished|resets?|available again) (?:after|in)',
  'wait(?: for)?',
].join('|')})`;
const spelled = String.raw`(?:\d+(?:\.\d+)? ?[a-z]+[ ,]{0,2}(?:and )?)+`;
/** API Management writes a time span: `00:00:08`, or `1.02:00:00` with days before the point. */
const span = String.raw`(?:(\d{1,3})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?`;
const spelledHint = new RegExp(`\\b${asks} (${spelled})`, 'i');
const spanHint = new RegExp(`\\b${asks} ${span}`, 'i');

/**
 * Reads a hint in the text: Azure writes `Please retry after 9 seconds.`, OpenAI writes `Please try
 * again in 20s`, `6m0s` or `1m30.5s`, API Management writes `Try again in 8 seconds.` and `Quota
 * will be replenished in 00:00:08.`
 */
function readTextHint(text: string): number | null {
  const [, days, hours, minutes, seconds] = spanHint.exec(text) ?? [];
  if (seconds !== undefined)
    return (
      Number(days ?? 0) * unitMs.d +
      Number(hours) * unitMs.h +
      Number(minutes) * unitMs.m +
      Number(seconds) * unitMs.s
    );
  const [, duration] = spelledHint.exec(text) ?? [];
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
