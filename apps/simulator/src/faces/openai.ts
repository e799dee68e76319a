/** OpenAI's refusals for keys, URLs and quota. */
import type { MeterRefusal } from '../meters.ts';
import { buildRetryHeaders, type Answer } from './answer.ts';

export function refuseOpenAiKey(key: string | null): Answer {
  const where = 'You can find your API key at https://platform.openai.com/account/api-keys.';
  const message =
    key === null
      ? `You didn't provide an API key. You need to provide your API key in an` +
        ` Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).` +
        ` ${where}`
      : `Incorrect API key provided: ${mask(key)}. ${where}`;
  const code = key === null ? null : 'invalid_api_key';
  return {
    status: 401,
    headers: {},
    body: { error: { message, type: 'invalid_request_error', param: null, code } },
  };
}

export function refuseOpenAiPath(method: string, path: string): Answer {
  const error = {
    message: `Invalid URL (${method} ${path})`,
    type: 'invalid_request_error',
    param: null,
    code: null,
  };
  return { status: 404, headers: {}, body: { error } };
}

export interface QuotaUse {
  rpm: number;
  used: number;
  waitMs: number;
}

export function refuseOpenAiQuota(model: string, { rpm, used, waitMs }: QuotaUse): Answer {
  const message =
    `Rate limit reached for ${model} in organization org-simulator on requests per` +
    ` min (RPM): Limit ${rpm}, Used ${used}, Requested 1. Please try again in` +
    ` ${toDuration(waitMs)}. Visit https://platform.openai.com/account/rate-limits` +
    ` to learn more.`;
  const error = { message, type: 'requests', param: null, code: 'rate_limit_exceeded' };
  const headers = { ...buildRetryHeaders(waitMs), ...buildLimitHeaders(rpm, 0, waitMs) };
  return { status: 429, headers, body: { error } };
}

const meterNames = { images: 'images per min (IPM)', tokens: 'tokens per min (TPM)' } as const;

export function refuseOpenAiMeter(
  model: string,
  { meter, limit, used, requested, waitMs }: MeterRefusal,
): Answer {
  const message =
    `Rate limit reached for ${model} in organization org-simulator on ${meterNames[meter]}:` +
    ` Limit ${limit}, Used ${used}, Requested ${requested}. Please try again in` +
    ` ${toDuration(waitMs)}. Visit https://platform.openai.com/account/rate-limits` +
    ` to learn more.`;
  const error = { message, type: meter, param: null, code: 'rate_limit_exceeded' };
  const headers = {
    ...buildRetryHeaders(waitMs),
    [`x-ratelimit-limit-${meter}`]: String(limit),
    [`x-ratelimit-remaining-${meter}`]: String(Math.max(0, limit - used)),
    [`x-ratelimit-reset-${meter}`]: toDuration(waitMs),
  };
  return { status: 429, headers, body: { error } };
}

function buildLimitHeaders(
  rpm: number,
  remaining: number,
  resetMs: number,
): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(rpm),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': toDuration(resetMs),
  };
}

/** Formats a duration the way OpenAI does: 90ms, 12s, 1.5s, 1m26.4s. */
export function toDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Number(((ms % 60_000) / 1000).toFixed(3));
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function mask(key: string): string {
  return key.length <= 8
    ? '*'.repeat(key.length)
    : `${key.slice(0, 4)}${'*'.repeat(key.length - 8)}${key.slice(-4)}`;
}
