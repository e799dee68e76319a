/**
 * Runs Kiln's garbage collection now. It spares objects younger than a day, so the store reports a
 * modification time of two days ago.
 */
import { createLogger } from '@kiln/shared/logger';
import { openRecords } from '@kiln/shared/records/database/open-records';
import { collectGarbage } from '@kiln/shared/services/maintenance/collect-garbage';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import type { FaultEnvironment } from './environment.ts';

const twoDaysMs = 2 * 86_400_000;

/** Returns how many objects were deleted. */
export async function collectNow(environment: FaultEnvironment): Promise<number> {
  const log = createLogger({ name: 'rig', level: 'silent' });
  const records = openRecords({
    databaseUrl: environment.databaseUrl,
    connections: 2,
    name: 'rig',
    statementTimeoutMs: 30_000,
    log,
  });
  try {
    const stopping = new AbortController().signal;
    return await collectGarbage({
      config: { keepResultsDays: null, keepFilesDays: null, keepEventsDays: 1, trashDays: 7 },
      db: records.db,
      store: aged(environment.store),
      log,
      stopping,
    });
  } finally {
    await records.close();
  }
}

function aged(store: ObjectStore): ObjectStore {
  const modifiedAt = new Date(Date.now() - twoDaysMs);
  return {
    ...store,
    list: async (prefix, options) =>
      (await store.list(prefix, options)).map((object) => ({ ...object, modifiedAt })),
  };
}
