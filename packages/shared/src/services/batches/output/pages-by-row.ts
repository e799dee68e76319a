/**
 * What the records hold of a batch, page by page in the order of its rows: a million of them are
 * never held at once.
 */

const rowsAtATime = 500;

/** @param read those behind row `after`, in order, at most `limit` */
export async function* pagesByRow<T extends { row_number: number | null }>(
  read: (after: number, limit: number) => Promise<T[]>,
): AsyncGenerator<T[]> {
  for (let after = 0; ;) {
    const page = await read(after, rowsAtATime);
    yield page;
    if (page.length < rowsAtATime) return;
    after = page.at(-1)?.row_number ?? after;
  }
}

/** The same, row by row. */
export async function* eachByRow<T extends { row_number: number | null }>(
  read: (after: number, limit: number) => Promise<T[]>,
): AsyncGenerator<T> {
  for await (const page of pagesByRow(read)) yield* page;
}
