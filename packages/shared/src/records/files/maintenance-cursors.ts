/**
 * Stores how far a maintenance task has come that goes through everything in several runs. Two runs
 * at the same time do the same work twice, which does no harm.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

/** The position after which the next run begins. Empty: at the beginning. */
export async function readCursor(db: Database, task: string): Promise<string> {
  const row = await db
    .selectFrom('kiln.maintenance_cursors')
    .select('position')
    .where('task', '=', task)
    .executeTakeFirst();
  return row?.position ?? '';
}

export async function saveCursor(db: Database, task: string, position: string): Promise<void> {
  await sql`
    insert into kiln.maintenance_cursors (task, position) values (${task}, ${position})
    on conflict (task) do update set position = excluded.position, updated_at = now()`.execute(db);
}
