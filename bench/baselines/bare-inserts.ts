/**
 * The least that ingesting a file could cost: csv-parse alone, and bare inserts of 1,000 rows a
 * statement, of which only the statements are timed.
 */
import { createReadStream } from 'node:fs';
import { buildId } from '@kiln/shared/ids';
import { parse } from 'csv-parse';
import type { Pool } from 'pg';

const rowsAtATime = 1_000;

export interface BareTable {
  create: string;
  insert: string;
  /** Turns rows into arrays of columns. */
  columnsOf(rows: readonly string[][]): unknown[];
}

/** A table of the six texts of a row, without an index. */
export const bareCells: BareTable = {
  create: `create table bare_cells (custom_id text, prompt text, size text, quality text,
      output_format text, season text)`,
  insert: `insert into bare_cells
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
  columnsOf: (page) => [0, 1, 2, 3, 4, 5].map((index) => page.map((cells) => cells[index])),
};

/** A table with the columns of a job, and its id as the only index. */
export const bareRecords: BareTable = {
  create: 'create table bare_records (like kiln.jobs including defaults, primary key (id))',
  insert: `
    insert into bare_records (id, project_id, batch_id, row_number, custom_id, endpoint, model,
      route, deployment, request, metadata, warnings, priority, fair_tag, max_attempts, request_id,
      cost_estimated_micros)
    select id, 'default', 'batch_01a1fee826167b6ebdb3e21a257d0c3a', number, custom_id,
      '/v1/images/generations', 'gpt-image-2', 'simulator', 'simulator', request, metadata,
      '[{"code":"simulator","message":"no provider is configured: '
      'the simulator makes this picture, and nothing is paid"}]',
      1, number, 5, 'req_bench', 12345
    from unnest($1::text[], $2::int[], $3::text[], $4::jsonb[], $5::jsonb[])
      as row(id, number, custom_id, request, metadata)`,
  columnsOf: (page) => [
    page.map(() => buildId('job')),
    page.map((_, index) => index),
    page.map(([customId]) => customId),
    page.map(([, prompt, size, quality, format]) =>
      JSON.stringify({ prompt, size, quality, output_format: format }),
    ),
    page.map((cells) => JSON.stringify({ season: cells[5] })),
  ],
};

export async function time(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return (performance.now() - startedMs) / 1000;
}

/** Parses a file that `writeRows` has written. */
export async function parseAlone(path: string): Promise<void> {
  for await (const _ of records(path));
}

/** Returns the seconds that the statements alone took. */
export async function insertBare(
  pool: Pool,
  path: string,
  { create, insert, columnsOf }: BareTable,
): Promise<number> {
  await pool.query(create);
  let seconds = 0;
  let page: string[][] = [];
  const write = async () => {
    const columns = columnsOf(page);
    seconds += await time(() => pool.query(insert, columns));
    page = [];
  };
  for await (const cells of records(path)) {
    page.push(cells);
    if (page.length === rowsAtATime) await write();
  }
  await write();
  return seconds;
}

function records(path: string): AsyncIterable<string[]> {
  return createReadStream(path).pipe(parse({ from_line: 2 }));
}
