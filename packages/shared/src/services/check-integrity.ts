/**
 * Asks the store for every object the records count on, a bounded part of them in a run. What is missing or has another size is an alarm;
 * nothing is ever deleted here, nor mended. The bytes themselves are not read.
 */
import { listRecordedObjects, type RecordedObject } from '../records/stored-objects.ts';
import { readCursor, saveCursor } from '../records/upkeep-cursors.ts';
import type { RunBounds } from './collect-garbage.ts';
import { inParallel } from './in-parallel.ts';
import type { UpkeepDeps } from './upkeep.ts';

const atOnce = 10;
const task = 'check_integrity';
const bounds: RunBounds = { pages: 100, pageSize: 1_000 };

export interface IntegrityReport {
  checked: number;
  missing: number;
  /** Of another size than was recorded. */
  changed: number;
}

export async function checkIntegrity(
  { config, db, store, log, stopping }: UpkeepDeps,
  { pages, pageSize } = bounds,
): Promise<IntegrityReport> {
  const report: IntegrityReport = { checked: 0, missing: 0, changed: 0 };

  async function check({ jobId, index, objectKey, bytes }: RecordedObject): Promise<void> {
    const found = await store.head(objectKey);
    report.checked += 1;
    if (found?.size === bytes) return;
    if (found === null) {
      report.missing += 1;
      log.error({ jobId, index, objectKey }, 'an image is recorded, and its object is missing');
    } else {
      report.changed += 1;
      log.error(
        { jobId, index, objectKey, bytes, foundBytes: found.size },
        'an image is recorded, and its object has another size',
      );
    }
  }

  let after = await readCursor(db, task);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const recorded = await listRecordedObjects(db, {
      after,
      limit: pageSize,
      keepDays: config.keepResultsDays,
    });
    await inParallel(
      recorded.filter(({ isLeaving }) => !isLeaving),
      atOnce,
      check,
    );
    after = recorded.length < pageSize ? '' : (recorded.at(-1)?.jobId ?? '');
    await saveCursor(db, task, after);
    if (after === '') break;
  }
  return report;
}
