/** Housekeeping that the clock asks for. */
import type { Logger } from '../logger.ts';
import type { Database } from '../records/open-records.ts';
import { deleteExpired } from '../records/retention.ts';

export type UpkeepTask = 'delete_expired';

/** How long events can be read again, and how long an `Idempotency-Key` is remembered (a day is promised). */
const retention = { eventDays: 7, keyHours: 48 };

export async function runUpkeep(deps: { db: Database; log: Logger }, task: UpkeepTask): Promise<void> {
  switch (task) {
    case 'delete_expired': {
      const deleted = await deleteExpired(deps.db, retention);
      if (deleted.events + deleted.keys > 0) deps.log.info(deleted, 'expired records were deleted');
    }
  }
}
