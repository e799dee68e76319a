/** Selections. They end after an hour; what a bulk action does is copied into its own row. */
import { sql } from 'kysely';
import type { ImageFilter } from '../../schemas/gallery/image-filter.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

export interface SelectionRow {
  id: string;
  filter: ImageFilter | null;
  except_ids: string[] | null;
  image_ids: string[] | null;
  count: number;
  created_at: Date;
  expires_at: Date;
}

export async function insertSelection(
  db: Database,
  projectId: string,
  row: Omit<SelectionRow, 'created_at' | 'expires_at'>,
  minutes: number,
): Promise<Pick<SelectionRow, 'created_at' | 'expires_at'>> {
  const filter = row.filter === null ? null : toStorableJson(row.filter);
  const { rows } = await sql<Pick<SelectionRow, 'created_at' | 'expires_at'>>`
    insert into kiln.selections (id, project_id, filter, except_ids, image_ids, count, expires_at)
    values (${row.id}, ${projectId}, ${filter}::jsonb, ${row.except_ids}::text[],
      ${row.image_ids}::text[], ${row.count}::int,
      clock_timestamp() + ${minutes}::int * interval '1 minute')
    returning created_at, expires_at`.execute(db);
  return rows[0] ?? { created_at: new Date(), expires_at: new Date() };
}

/** Undefined also for one that is over. */
export async function findSelection(
  db: Database,
  projectId: string,
  id: string,
): Promise<SelectionRow | undefined> {
  const { rows } = await sql<SelectionRow>`
    select id, filter, except_ids, image_ids, count, created_at, expires_at from kiln.selections
    where project_id = ${projectId} and id = ${id} and expires_at > clock_timestamp()`.execute(db);
  return rows[0];
}

export async function deleteEndedSelections(db: Database): Promise<void> {
  await sql`delete from kiln.selections where expires_at < clock_timestamp()`.execute(db);
}
