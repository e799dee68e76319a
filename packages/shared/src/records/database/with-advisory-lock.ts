/** What one process at a time may do, and the others need not wait to do as well. */
import { sql } from 'kysely';
import type { Database } from './open-records.ts';

/** Does the work unless somebody does work of this name just now. False where somebody does. */
export function withAdvisoryLock(
  db: Database,
  name: string,
  work: () => Promise<void>,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ is_free: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`kiln ${name}`}, 0)) as is_free`.execute(
      transaction,
    );
    const isFree = rows[0]?.is_free === true;
    if (isFree) await work();
    return isFree;
  });
}
