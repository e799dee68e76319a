/**
 * Reads the records of a batch in pages, in the order of its rows, because it may have a million.
 */

const rowsAtATime = 500;

/** @param read returns the records after row `after`, in order, at most `limit` */
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

/** Like `pagesByRow`, but yields single records. */
export async function* eachByRow<T extends { row_number: number | null }>(
  read: (after: number, limit: number) => Promise<T[]>,
): AsyncGenerator<T> {
  for await (const page of pagesByRow(read)) yield* page;
}
