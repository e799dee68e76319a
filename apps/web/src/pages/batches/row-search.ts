/** Which rows of a batch are shown, and how; it is part of the address, so that a link shows it. */

export const groups = ['waiting', 'working', 'done', 'failed', 'cancelled'] as const;
export type RowGroup = (typeof groups)[number];

/** The states of rows, as the API names them, behind the word that people read. */
export const statesOf = {
  waiting: ['waiting', 'queued'],
  working: ['in_progress', 'held'],
  done: ['succeeded'],
  failed: ['failed', 'expired', 'invalid'],
  cancelled: ['cancelled'],
} as const satisfies Record<RowGroup, readonly string[]>;

export interface RowSearch {
  view?: 'rows';
  group?: RowGroup;
  code?: string;
  q?: string;
  /** The row that is open. */
  row?: number;
}

export function readRowSearch(search: Record<string, unknown>): RowSearch {
  const { view, group, code, q, row } = search;
  const found = groups.find((each) => each === group);
  return {
    ...(view === 'rows' ? { view: 'rows' as const } : {}),
    ...(found === undefined ? {} : { group: found }),
    ...(typeof code === 'string' && code !== '' ? { code } : {}),
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(typeof row === 'number' && Number.isInteger(row) && row > 0 ? { row } : {}),
  };
}
