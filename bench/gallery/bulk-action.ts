/**
 * Selects all images but three and rates them by a bulk action, beside one `update` of as many
 * images.
 */
import type { BulkAction } from '@kiln/shared/schemas/gallery/bulk-action';
import type { Pool, QueryConfig } from 'pg';
import { post } from './post.ts';

const pollMs = 50;
const longestMs = 3_600_000;

export async function measureBulkAction(url: string, pool: Pool) {
  const { rows } = await pool.query<{ id: string }>(
    `select job_id || '/' || index as id from kiln.images order by job_id desc, index limit 3`,
  );
  const selecting = performance.now();
  const selection = await post<{ id: string; count: number }>(`${url}/v1/selections`, {
    filter: {},
    except: rows.map(({ id }) => id),
  });
  const selectSeconds = (performance.now() - selecting) / 1_000;

  const bareSeconds = await updateAll(pool, 1);
  const startedAtMs = performance.now();
  let action = await post<BulkAction>(`${url}/v1/bulk_actions`, {
    action: 'rate',
    selection_id: selection.id,
    params: { rating: 2 },
  });
  while (action.status === 'queued' || action.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    action = (await (await fetch(`${url}/v1/bulk_actions/${action.id}`)).json()) as BulkAction;
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const rated = await pool.query<{ count: number }>(
    'select count(*) as count from kiln.images where rating = 2',
  );
  if (action.status !== 'completed' || rated.rows[0]?.count !== selection.count)
    throw new Error(`the action is ${action.status}, and ${rated.rows[0]?.count} images are rated`);
  const row = (taken: number) => ({
    images: selection.count,
    seconds: Number(taken.toFixed(2)),
    'images a second': Math.round(selection.count / taken),
  });
  return {
    'select all but three': row(selectSeconds),
    'rate them by a bulk action': {
      ...row(seconds),
      ratio: Number((bareSeconds / seconds).toFixed(2)),
    },
    'one update of all': row(bareSeconds),
  };
}

async function updateAll(pool: Pool, rating: number): Promise<number> {
  const client = await pool.connect();
  const run = (text: string) => client.query({ text, query_timeout: longestMs } as QueryConfig);
  try {
    await run('set statement_timeout = 0');
    const startedAtMs = performance.now();
    await run(`update kiln.images set rating = ${rating}`);
    const seconds = (performance.now() - startedAtMs) / 1_000;
    // The action must not pay for the rows that this update left behind.
    await run('vacuum kiln.images');
    return seconds;
  } finally {
    client.release(true);
  }
}
