/** Remembers how fast the rows of each batch have got their pictures in the last minutes. */
import { readRecentPace, type RecentPace } from '../../records/batches/recent-pace.ts';
import type { Database } from '../../records/database/open-records.ts';
import { rememberByKey } from '../remember.ts';

/** Reads the pace of one batch. */
export type RecentPaces = (batchId: string) => Promise<RecentPace>;

const windowSeconds = 300;

export function createRecentPaces(db: Database): RecentPaces {
  return rememberByKey((id: string) => readRecentPace(db, id, windowSeconds));
}
