/** Work that only one process does at a time; the others skip it meanwhile. */
import { sql } from 'kysely';
import type { Database } from './open-records.ts';

/** Runs `work` unless another process is running work of this name. Returns whether it ran. */
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
