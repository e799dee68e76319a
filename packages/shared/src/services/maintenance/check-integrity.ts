/**
 * Asks the store for every object the records count on, a bounded part of them in a run. What is
 * missing or has another size is an alarm; nothing is ever deleted here, nor mended. The bytes
 * themselves are not read.
 */
import {
  isFileThere,
  listRecordedFiles,
  listRecordedObjects,
} from '../../records/files/stored-objects.ts';
import { readCursor, saveCursor } from '../../records/files/maintenance-cursors.ts';
import { inParallel } from '../in-parallel.ts';
import type { RunBounds, MaintenanceDeps } from './maintenance-deps.ts';

const atOnce = 10;
const bounds: RunBounds = { pages: 100, pageSize: 1_000 };

export interface IntegrityReport {
  checked: number;
  missing: number;
  /** Of another size than was recorded. */
  changed: number;
}

/** An object as a record has it. */
interface Expected {
  objectKey: string;
  bytes: number;
  /** Of the record, for the log. */
  ids: Record<string, string | number>;
  /** In the alarm: what is recorded. */
  what: 'an image' | 'a file';
  /** Whether the record still has it: asked before an alarm is raised. */
  isThere(): Promise<boolean>;
}

/** A part of what is recorded, in the order of `position`. */
interface Page {
  expected: Expected[];
  /** Behind which the next part begins; empty where there is none. */
  next: string;
}

export async function checkIntegrity(
  deps: MaintenanceDeps,
  runBounds = bounds,
): Promise<IntegrityReport> {
  const report: IntegrityReport = { checked: 0, missing: 0, changed: 0 };
  await checkPages(deps, report, runBounds, { task: 'check_integrity', read: readImages });
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
      log.error({ ...ids, objectKey }, `${what} is recorded, and its object is missing`);
    } else {
      report.changed += 1;
      log.error(
        { ...ids, objectKey, bytes, foundBytes: found.size },
        `${what} is recorded, and its object has another size`,
      );
    }
  }

  let after = await readCursor(db, task);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const { expected, next } = await read(deps, after, pageSize);
    await inParallel(expected, atOnce, check);
    after = next;
    await saveCursor(db, task, after);
    if (after === '') break;
  }
}

async function readImages(
  { config, db }: MaintenanceDeps,
  after: string,
  pageSize: number,
): Promise<Page> {
  const recorded = await listRecordedObjects(db, {
    after,
    limit: pageSize,
    keepDays: config.keepResultsDays,
  });
  const staying = recorded.filter(({ isLeaving }) => !isLeaving);
  return {
    expected: staying.map(({ jobId, index, objectKey, bytes }) => ({
      objectKey,
      bytes,
      ids: { jobId, index },
      what: 'an image',
      isThere: () => Promise.resolve(true),
    })),
    next: recorded.length < pageSize ? '' : (recorded.at(-1)?.jobId ?? ''),
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
