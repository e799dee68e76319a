/**
 * Reads the headers `x-ratelimit-limit-…`, `-remaining-…` and `-reset-…` of an answer. OpenAI
 * writes times as `1m30s` or `120ms`, Azure as seconds. Values that make no sense are left out.
 */
import { meters, type ReportedLimits, type ReportedMeter } from '../domain/reported-limits.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Azure writes `x-rate-limit-` in some answers. */
const prefixes = ['x-ratelimit-', 'x-rate-limit-'];
const longestValue = 40;
/** More than any provider grants in a minute. */
const largestNumber = 1e12;
/** A longer time cannot be that of a minute's quota; a day is that of a daily one. */
const longestResetMs = 86_400_000;
const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Null if the answer says nothing of its limits. */
export function readRateLimits(headers: Headers): ReportedLimits | null {
  const reported: ReportedLimits = {};
  for (const meter of meters) {
    const read: ReportedMeter = {
      limit: readCount(valueOf(headers, `limit-${meter}`)),
      remaining: readCount(valueOf(headers, `remaining-${meter}`)),
      resetMs: readDurationMs(valueOf(headers, `reset-${meter}`)),
    };
    // A provider that grants nothing at all would not have answered.
    if (read.limit === 0) read.limit = null;
    if (read.limit !== null && (read.remaining ?? 0) > read.limit) read.remaining = null;
    if (Object.values(read).some((value) => value !== null)) reported[meter] = read;
  }
  return Object.keys(reported).length === 0 ? null : reported;
}

function valueOf(headers: Headers, name: string): string {
  for (const prefix of prefixes) {
    const value = headers[prefix + name];
    if (typeof value === 'string' && value.length <= longestValue) return value.trim();
  }
  return '';
}

function readCount(text: string): number | null {
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  const value = Math.floor(Number(text));
  return value <= largestNumber ? value : null;
}

/** Reads `1m30s`, `120ms`, `6m0s`, `8.64s`, or a number of seconds. */
function readDurationMs(text: string): number | null {
  let ms = 0;
  if (/^\d+(\.\d+)?$/.test(text)) ms = Number(text) * 1_000;
  else if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text))
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
      ms += Number(amount) * unitMs[unit as keyof typeof unitMs];
  else return null;
  return ms <= longestResetMs ? Math.ceil(ms) : null;
}
