/**
 * Looks up the objects of recorded pictures and files in the store, a bounded number in each run. A
 * missing object or one of another size is logged as an error; nothing is deleted or repaired, and
 * the bytes are not read. The task `check_integrity` runs it; the next run continues where this one
 * stopped.
 */
import {
  isFileThere,
  isPictureThere,
  listRecordedFiles,
  listRecordedPictures,
  type RecordedKind,
} from '../../records/files/stored-objects.ts';
import { readCursor, saveCursor } from '../../records/files/maintenance-cursors.ts';
import { inParallel } from '../in-parallel.ts';
import type { RunBounds, MaintenanceDeps } from './maintenance-deps.ts';

const concurrency = 10;
const bounds: RunBounds = { pages: 100, pageSize: 1_000 };

export interface IntegrityReport {
  checked: number;
  missing: number;
  /** Objects whose size differs from the recorded one. */
  changed: number;
}

/** An object that a record names. */
interface Expected {
  objectKey: string;
  bytes: number;
  /** Ids of the record, for the log. */
  ids: Record<string, string | number>;
  /** The kind of record, for the log line. */
  what: 'an image' | 'a composite' | 'a file';
  /** Whether the record still exists; asked before an error is logged. */
  isThere(): Promise<boolean>;
}

/** A page of records, in the order of `position`. */
interface Page {
  expected: Expected[];
  /** The next page starts after this position; empty: there is no next page. */
  next: string;
}

export async function checkIntegrity(
  deps: MaintenanceDeps,
  runBounds = bounds,
): Promise<IntegrityReport> {
  const report: IntegrityReport = { checked: 0, missing: 0, changed: 0 };
  const readImages = readPictures('image');
  const readComposites = readPictures('composite');
  await checkPages(deps, report, runBounds, { task: 'check_integrity', read: readImages });
  await checkPages(deps, report, runBounds, { task: 'check_composites', read: readComposites });
  await checkPages(deps, report, runBounds, { task: 'check_files', read: readFiles });
  return report;
}

type ReadPage = (deps: MaintenanceDeps, after: string, pageSize: number) => Promise<Page>;

async function checkPages(
  deps: MaintenanceDeps,
  report: IntegrityReport,
  { pages, pageSize }: RunBounds,
  { task, read }: { task: string; read: ReadPage },
): Promise<void> {
  const { db, store, log, stopping } = deps;

  async function check({ objectKey, bytes, ids, what, isThere }: Expected): Promise<void> {
    const found = await store.head(objectKey);
    report.checked += 1;
    if (found?.size === bytes || !(await isThere())) return;
    if (found === null) {
      report.missing += 1;
      log.error({ ...ids, objectKey }, `${what} is recorded, but its object is missing`);
    } else {
      report.changed += 1;
      log.error(
        { ...ids, objectKey, bytes, foundBytes: found.size },
        `${what} is recorded, but its object has another size`,
      );
    }
  }

  let after = await readCursor(db, task);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const { expected, next } = await read(deps, after, pageSize);
    await inParallel(expected, concurrency, check);
    after = next;
    await saveCursor(db, task, after);
    if (after === '') break;
  }
}

function readPictures(kind: RecordedKind): ReadPage {
  return async ({ config, db }, after, pageSize) => {
    const recorded = await listRecordedPictures(db, kind, {
      after,
      limit: pageSize,
      keepDays: config.keepResultsDays,
    });
    const staying = recorded.filter(({ isExpiring }) => !isExpiring);
    return {
      expected: staying.map(({ jobId, index, objectKey, bytes }) => ({
        objectKey,
        bytes,
        ids: { jobId, index },
        what: kind === 'image' ? 'an image' : 'a composite',
        isThere: () => isPictureThere(db, kind, jobId, index),
      })),
      next: recorded.length < pageSize ? '' : (recorded.at(-1)?.jobId ?? ''),
    };
  };
}

async function readFiles({ db }: MaintenanceDeps, after: string, pageSize: number): Promise<Page> {
  const recorded = await listRecordedFiles(db, after, pageSize);
  return {
    expected: recorded.map(({ fileId, objectKey, bytes }) => ({
      objectKey,
      bytes,
      ids: { fileId },
      what: 'a file',
      isThere: () => isFileThere(db, fileId),
    })),
    next: recorded.length < pageSize ? '' : (recorded.at(-1)?.fileId ?? ''),
  };
}
