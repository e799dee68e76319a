/**
 * Several readings of one moment: what moves between two of them would be seen twice, or not at
 * all.
 */
import type { Database } from './open-records.ts';

export function inSnapshot<T>(db: Database, read: (now: Database) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(read);
}
