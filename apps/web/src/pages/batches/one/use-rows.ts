/**
 * The rows of a batch by their place on the page. Without a filter a row's place is its number, so
 * a jump to any row is one request: only the pages in sight are asked for. With a filter the
 * number of matches is not known, so pages follow one another while the visitor scrolls.
 */
import { answer } from '@kiln/client/client';
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { pageRows, useSight, type Pages } from '../../../wall/use-sight.ts';
import type { Places, Target } from '../../../wall/use-window-lines.ts';
import type { BatchRow } from '../api.ts';
import { statesOf, type RowSearch } from '../row-search.ts';

export interface Rows extends Places {
  /** Undefined while it is being read; null for an empty line of the file. */
  rowAt: (index: number) => BatchRow | null | undefined;
  isEmpty: boolean;
  /** Only some rows are shown, so a row's place is not its number. */
  isFiltered: boolean;
}

/** What the wall and the table of rows need. */
export interface RowsViewProps {
  rows: Rows;
  target: Target | null;
  onOpen: (row: number) => void;
}

export async function readRows(id: string, query: Query) {
  return answer(client.GET('/v1/batches/{id}/rows', { params: { path: { id }, query } }));
}
type Query = { from: number; limit: number; status?: string; code?: string; q?: string };

export type Counts = Awaited<ReturnType<typeof readRows>>;
export type StateCounts = Counts['counts']['status'];

/**
 * How many rows can be sent again. A row with a mistake cannot: it has no job, and comes corrected
 * in another file.
 */
export function retryableOf(counts: StateCounts | undefined): number {
  return counts === undefined ? 0 : counts.failed + counts.expired;
}

/** How many rows are in each state, by error code, and the last row's number. */
export function useRowCounts(id: string) {
  const { data } = useQuery({
    queryKey: [...keys.batch(id), 'rows', 'counts'],
    queryFn: () => readRows(id, { from: 1, limit: 1 }),
  });
  return data;
}

/** One row by its number, or the next one that is not empty. */
export function useRow(id: string, row: number | undefined) {
  const { data } = useQuery({
    queryKey: [...keys.batch(id), 'rows', 'one', row],
    queryFn: () => readRows(id, { from: row ?? 1, limit: 1 }),
    enabled: row !== undefined,
  });
  return data?.data[0];
}

export function useRows(id: string, search: RowSearch, lastRow: number): Rows {
  const { group, code, q } = search;
  const isFiltered = group !== undefined || code !== undefined || q !== undefined;
  const { pages, look } = useSight();

  const byNumber = useQueries({
    queries: (isFiltered ? [] : numbersOf(pages, lastRow)).map((page) => ({
      queryKey: [...keys.batch(id), 'rows', 'page', page],
      queryFn: async () => ({
        ...(await readRows(id, { from: page * pageRows + 1, limit: pageRows })),
        page,
      }),
      gcTime: 60_000,
    })),
    combine: toMap,
  });
  const status = group === undefined ? undefined : statesOf[group].join(',');
  const matching = useInfiniteQuery({
    queryKey: [...keys.batch(id), 'rows', 'matching', status, code, q],
    initialPageParam: 1,
    queryFn: ({ pageParam }) =>
      readRows(id, {
        from: pageParam,
        limit: pageRows,
        ...(status === undefined ? {} : { status }),
        ...(code === undefined ? {} : { code }),
        ...(q === undefined ? {} : { q }),
      }),
    getNextPageParam: ({ next_from: next }) => next,
    enabled: isFiltered,
  });
  const found = useMemo(() => matching.data?.pages.flatMap(({ data }) => data) ?? [], [matching]);
  const { hasNextPage, isFetching, fetchNextPage } = matching;
  const nearsEnd = isFiltered && (pages.last + 1) * pageRows >= found.length;
  useEffect(() => {
    if (nearsEnd && hasNextPage && !isFetching) void fetchNextPage();
  }, [nearsEnd, hasNextPage, isFetching, fetchNextPage]);

  return {
    count: isFiltered ? found.length : lastRow,
    rowAt: (index) => (isFiltered ? found[index] : byNumber.get(index + 1)),
    look,
    isFiltered,
    isEmpty: isFiltered && found.length === 0 && matching.isSuccess && !hasNextPage,
  };
}

function numbersOf({ first, last }: Pages, lastRow: number): number[] {
  const end = Math.min(last, Math.ceil(lastRow / pageRows) - 1);
  return Array.from({ length: Math.max(0, end - first + 1) }, (_, index) => first + index);
}

/** The rows by their numbers, and null for the numbers of a page that no row has. */
function toMap(results: readonly { data: (Counts & { page: number }) | undefined }[]) {
  const rows = new Map<number, BatchRow | null>();
  for (const { data } of results) {
    if (data === undefined) continue;
    const first = data.page * pageRows + 1;
    for (let row = first; row < first + pageRows; row += 1) rows.set(row, null);
    for (const row of data.data) rows.set(row.row, row);
  }
  return rows;
}
