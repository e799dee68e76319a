/**
 * Parses a `Retry-After` header: seconds or an HTTP date (RFC 9110, 10.2.3). Seconds may have a
 * fraction, which some servers send. Returns milliseconds from `nowMs`, rounded up, 0 for a date in
 * the past and null for anything else. The caller limits how long it waits.
 */
export function parseRetryAfterMs(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  // `Date.parse` accepts almost any text, so the form is checked first.
  if (!/^[A-Z][a-z]{2,8}, .{1,40} GMT$/.test(text)) return null;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}
