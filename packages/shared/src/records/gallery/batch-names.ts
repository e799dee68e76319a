/** The names of batches, by their ids; a batch without a name has none. */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

export async function namesOfBatches(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from kiln.batches where id = any(${[...ids]}::text[])
      and name is not null`.execute(db);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
