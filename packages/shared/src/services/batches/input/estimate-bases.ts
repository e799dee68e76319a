/** Says what the estimates of a batch's rows rest on. */

/** Rows whose model is unknown have no estimate. */
export const noEstimate = 'no estimate';

/** Any more would be unreadable; the rest are counted together. */
const mostNamed = 4;

/**
 * One basis when it is the same for all rows, such as `published`; otherwise each with its rows,
 * such as `published (90 rows), learnt from 214 calls (10 rows)`. Null when no row has an estimate.
 */
export function describeBases(rowsByBasis: ReadonlyMap<string, number>): string | null {
  const counted = [...rowsByBasis].toSorted(([, one], [, other]) => other - one);
  const [first] = counted;
  if (first === undefined || (counted.length === 1 && first[0] === noEstimate)) return null;
  if (counted.length === 1) return first[0];
  const named = counted.slice(0, mostNamed).map(([basis, rows]) => `${basis} (${count(rows)})`);
  const others = counted.slice(mostNamed).reduce((sum, [, rows]) => sum + rows, 0);
  return [...named, ...(others > 0 ? [`others (${count(others)})`] : [])].join(', ');
}

function count(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}
