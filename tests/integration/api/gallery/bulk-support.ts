/** Makes bulk actions over HTTP, and counts in the records what they have done. */
import { bulkActionSchema, type BulkAction } from '@kiln/shared/schemas/gallery/bulk-action';
import { expect } from 'vitest';
import { postJson, type TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';

export interface BulkBody {
  action: string;
  images?: string[];
  selection_id?: string;
  params?: object;
}

export function bulkActionsOf(kiln: TestKiln) {
  /** How many images the tests have used: each takes others. */
  let used = 0;

  async function read(id: string): Promise<BulkAction> {
    const response = await kiln.request(`/v1/bulk_actions/${id}`);
    return bulkActionSchema.strict().parse(await response.json());
  }

  async function create(body: BulkBody): Promise<BulkAction> {
    const response = await postJson(`${kiln.url}/v1/bulk_actions`, body);
    expect(response.status).toBe(202);
    return bulkActionSchema.strict().parse(await response.json());
  }

  function ended({ id }: BulkAction): Promise<BulkAction> {
    return waitFor(
      async () => {
        const action = await read(id);
        return !['queued', 'running'].includes(action.status) && action;
      },
      { what: `${id} to end` },
    );
  }

  async function query(text: string, values: unknown[] = []) {
    const { rows } = await kiln.deps.records.pool.query<Record<string, unknown>>(text, values);
    return rows;
  }

  async function countAll(condition: string, values: unknown[] = []): Promise<number> {
    const [row] = await query(
      `select count(*)::int as count from kiln.images where ${condition}`,
      values,
    );
    return Number(row?.['count']);
  }

  return {
    read,
    create,
    ended,
    query,
    countAll,
    run: async (body: BulkBody): Promise<BulkAction> => ended(await create(body)),

    async select(body: object): Promise<{ id: string; count: number }> {
      const response = await postJson(`${kiln.url}/v1/selections`, body);
      expect(response.status).toBe(201);
      return (await response.json()) as { id: string; count: number };
    },

    /** The next images, newest first, as the wall shows them. */
    async idsOf(images: number): Promise<string[]> {
      const rows = await query(
        `select job_id || '/' || index as id from kiln.images order by job_id desc, index
         limit $1 offset $2`,
        [images, used],
      );
      used += images;
      return rows.map(({ id }) => String(id));
    },

    async idsWhere(condition: string, images: number): Promise<string[]> {
      const rows = await query(
        `select job_id || '/' || index as id from kiln.images where ${condition} limit $1`,
        [images],
      );
      return rows.map(({ id }) => String(id));
    },

    count: (condition: string, images: readonly string[]): Promise<number> =>
      countAll(`${condition} and job_id || '/' || index = any($1)`, [images]),

    countInAlbum: (album: string, images: readonly string[]): Promise<number> =>
      countAll(
        `job_id || '/' || index = any($2) and (job_id, index) in
          (select job_id, index from kiln.album_images where album_id = $1)`,
        [album, images],
      ),
  };
}
