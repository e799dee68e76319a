/**
 * Parses `Range` headers with one range (RFC 9110, 14.1.2). Several ranges are answered with the
 * whole content, as the RFC allows. Written by hand, because the range-parser package accepts
 * blanks that the grammar does not.
 */

export type RangeRequest =
  | { status: 'whole' }
  | { status: 'part'; start: number; end: number }
  | { status: 'unsatisfiable' };

/** Both `start` and `end` are inclusive. */
export function parseRange(header: string | undefined, size: number): RangeRequest {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return { status: 'whole' };
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return { status: 'whole' };
  return start > end || start >= size
    ? { status: 'unsatisfiable' }
    : { status: 'part', start, end };
}
