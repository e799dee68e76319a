/**
 * Maintenance with real parts: its own database, its own folder or bucket, and a log that tests can
 * inspect.
 */
import { join } from 'node:path';
import { createImaging } from '@kiln/shared/imaging/imaging';
import { createLogger } from '@kiln/shared/logger';
import { createCompositor } from '@kiln/shared/services/derivatives/compositor';
import { keyOfImage, thumbnailKeyOf } from '@kiln/shared/services/files/object-keys';
import { storeImages } from '@kiln/shared/services/running/answers';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { vi } from 'vitest';
import { toSettings, type StoreName } from '../../../support/stores/object-stores.ts';
import { hashed } from '../../../support/pictures/pictures.ts';
import { temporaryFolder } from '../../../support/engines/server-process.ts';
import { createTestBucket } from '../../../support/stores/test-stores.ts';
import { addInFlight, facts, openTestRecords, type TestRecords } from '../../records/support.ts';
import type {
  MaintenanceDeps,
  ScheduledDeps,
} from '@kiln/shared/services/maintenance/maintenance-deps';
import { settleSucceeded } from '../../../support/ledger.ts';

/** Fields and message of a log line. */
type Line = [fields: Record<string, unknown>, sentence: string];

export interface TestMaintenance {
  records: TestRecords;
  deps: ScheduledDeps;
  /** Errors logged so far. */
  errors(): Line[];
  /** Adds a succeeded job with its images in the store; returns its id and their keys. */
  addResult(images?: number): Promise<{ jobId: string; keys: string[] }>;
  /** Stores an object as the image of an attempt, whatever the records say. */
  putImage(jobId: string, no: number, index?: number): Promise<string>;
  /** Stores a preview of it. */
  putPreview(jobId: string, no?: number): Promise<string>;
  /** Stores a thumbnail of an image. */
  putThumbnail(jobId: string, no?: number, index?: number): Promise<string>;
  /** Backdates objects by hours. */
  ageObjects(keys: readonly string[], hours: number): Promise<void>;
  /** Backdates the end of a job by days. */
  ageJob(id: string, days: number): Promise<void>;
  /** Path of an object in a file store. */
  pathOf(key: string): string;
  allKeys(): Promise<string[]>;
}

export async function openMaintenance(
  config: Partial<MaintenanceDeps['config']> = {},
  stopping = new AbortController().signal,
  storeName: StoreName = 'file',
): Promise<TestMaintenance> {
  const records = await openTestRecords();
  const root = temporaryFolder('maintenance').path;
  const { STORAGE_URL = `file:${root}`, ...keys } =
    createTestBucket(storeName)?.environment() ?? {};
  const opened = await openObjectStore(toSettings({ STORAGE_URL, ...keys }));
  if (storeName !== 'file') await opened.check(); // creates the bucket
  const aged = new Map<string, Date>();
  // Only a disk allows to change times, so listings are adjusted here.
  const store: ObjectStore = {
    ...opened,
    list: async (prefix, options) =>
      (await opened.list(prefix, options)).map((object) => ({
        ...object,
        modifiedAt: aged.get(object.key) ?? object.modifiedAt,
      })),
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  const error = vi.spyOn(log, 'error');
  const imaging = createImaging({ log });
  const compositor = createCompositor({ db: records.db, store, imaging, log });

  const maintenance: TestMaintenance = {
    records,
    deps: {
      config: {
        keepResultsDays: null,
        keepFilesDays: null,
        keepEventsDays: 7,
        trashDays: 7,
        ...config,
      },
      db: records.db,
      store,
      compositor,
      log,
      stopping,
    },
    errors: () => error.mock.calls as unknown as Line[],
    async addResult(images = 1) {
      const claim = await addInFlight(records);
      const kept = await storeImages(
        store,
        { jobId: claim.jobId, no: 1 },
        Array.from({ length: images }, (_, index) => ({
          ...hashed(Buffer.from(`picture ${index} of ${claim.jobId}`)),
          format: 'png' as const,
          width: 1,
          height: 1,
        })),
      );
      if (!(await settleSucceeded(records.db, claim, 1, facts, kept)))
        throw new Error('it was not settled');
      return { jobId: claim.jobId, keys: kept.map(({ object_key: key }) => key) };
    },
    async putImage(jobId, no, index = 0) {
      const key = keyOfImage({ jobId, no }, { index, count: index + 1, format: 'png' });
      await store.put(key, Buffer.from('a picture'), { contentType: 'image/png' });
      return key;
    },
    async putPreview(jobId, no = 1) {
      const key = `previews/${jobId.slice(-2)}/${jobId}/${no}-0.png`;
      await store.put(key, Buffer.from('a preview'), { contentType: 'image/png' });
      return key;
    },
    async putThumbnail(jobId, no = 1, index = 0) {
      const image = keyOfImage({ jobId, no }, { index, count: index + 1, format: 'png' });
      const key = thumbnailKeyOf(image);
      await store.put(key, Buffer.from('a thumbnail'), { contentType: 'image/webp' });
      return key;
    },
    ageObjects: async (keys, hours) => {
      const then = new Date(Date.now() - hours * 3_600_000);
      for (const key of keys) aged.set(key, then);
    },
    async ageJob(id, days) {
      await records.pool.query(
        "update kiln.jobs set finished_at = finished_at - $2::float8 * interval '1 day' where " +
          'id = $1',
        [id, days],
      );
    },
    pathOf: (key) => join(root, key),
    allKeys: async () => (await store.list('', { limit: 10_000 })).map(({ key }) => key),
  };
  return maintenance;
}
