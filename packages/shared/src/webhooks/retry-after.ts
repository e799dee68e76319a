/** `Retry-After` of a receiver's answer: seconds or an HTTP date (RFC 9110, 10.2.3). */

/**
 * In milliseconds from now, or null where there is none. How far it is followed is the schedule's
 * business.
 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  // `Date.parse` alone finds a date in almost anything.
  if (!/^[A-Z][a-z]{2,8}, .{1,40} GMT$/.test(text)) return null;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}
