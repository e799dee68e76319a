/** The pictures of a batch in the order of its rows, for the arrow keys of the viewer. */
import type { Shelf } from '../../../picture/shelf.ts';
import type { BatchRow } from '../api.ts';
import { readRows } from './use-rows.ts';

/** Rows that are asked for at once on the way back, of which the last one with a picture counts. */
const stride = 100;

/** @param opened the row that is opened first */
export function batchShelf(batchId: string, opened: BatchRow): Shelf {
  const rows = new Map<string, BatchRow>();
  const note = (row: BatchRow): string[] =>
    row.images.map(({ index }) => {
      const id = `${row.job_id}/${index}`;
      rows.set(id, row);
      return id;
    });
  note(opened);

  async function after(row: number): Promise<string | null> {
    const { data } = await readRows(batchId, { from: row + 1, limit: 1, status: 'succeeded' });
    const [next] = data;
    return next === undefined ? null : (note(next)[0] ?? (await after(next.row)));
  }
  async function before(row: number): Promise<string | null> {
    if (row <= 1) return null;
    const from = Math.max(1, row - stride);
    const { data } = await readRows(batchId, { from, limit: stride });
    const found = data.findLast((each) => each.row < row && each.images.length > 0);
    return found === undefined ? before(from) : (note(found).at(-1) ?? null);
  }
  return {
    neighbour: async (id, step) => {
      const row = rows.get(id);
      if (row === undefined) return null;
      const ids = note(row);
      const beside = ids[ids.indexOf(id) + step];
      if (beside !== undefined) return beside;
      return step === 1 ? after(row.row) : before(row.row);
    },
  };
}
