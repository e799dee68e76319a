/**
 * `Range` requests of one range (RFC 9110, 14.1.2). Several at once are answered whole, as the RFC
 * allows.
 */

export type RangeRequest =
  | { status: 'whole' }
  | { status: 'part'; start: number; end: number }
  | { status: 'unsatisfiable' };

/** `start` and `end` are both included. */
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
