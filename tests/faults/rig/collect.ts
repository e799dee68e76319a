/** Kiln's own collection of garbage, run now: it spares what is younger than a day, so what lies in the store is made older first. */
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@kiln/shared/logger';
import { openRecords } from '@kiln/shared/records/open-records';
import { collectGarbage } from '@kiln/shared/services/collect-garbage';
import { openFileStore } from '@kiln/shared/storage/file-store';
import type { Stage } from './stage.ts';

const twoDaysMs = 2 * 86_400_000;

/** Returns how many objects were deleted. */
export async function collectNow(stage: Stage): Promise<number> {
  const old = new Date(Date.now() - twoDaysMs);
  for (const file of await readdir(stage.objects, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) await utimes(join(file.parentPath, file.name), old, old);
  }
  const log = createLogger({ name: 'rig', level: 'silent' });
  const records = openRecords({
    databaseUrl: stage.databaseUrl,
    connections: 2,
    name: 'rig',
    patienceMs: 30_000,
    log,
  });
  const store = await openFileStore(stage.objects);
  try {
    const stopping = new AbortController().signal;
    return await collectGarbage({
      config: { keepResultsDays: null, keepFilesDays: null, keepEventsDays: 1 },
      db: records.db,
      store,
      log,
      stopping,
    });
  } finally {
    await records.close();
    await store.close();
  }
}
