/**
 * Runs several queries on one snapshot, so that a row which moves between two of them is seen
 * exactly once.
 */
import type { Database } from './open-records.ts';

export function inSnapshot<T>(db: Database, read: (now: Database) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(read);
}
