/**
 * Makes one composite: reads the three pictures, composes them in the thread, stores the result.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { contentTypeOf } from '../../domain/content-type.ts';
import type { Imaging, PictureSource } from '../../imaging/imaging.ts';
import { skip, type CompositeSkip } from '../../models/composite-rules.ts';
import { hasThumbnail, isOfStoredSize } from '../../models/picture-rules.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findFiles } from '../../records/files/files.ts';
import type { DueComposite, MadeComposite } from '../../records/images/composites.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { listSources } from '../edits/sources.ts';
import { keyOfComposite } from '../files/object-keys.ts';
import { readObject } from '../files/read-object.ts';

export type CompositeOutcome = MadeComposite | CompositeSkip;

export interface CompositeDeps {
  db: Database;
  store: ObjectStore;
  imaging: Imaging;
}

/** Throws what an outage throws, and `imaging_busy`. */
export async function makeComposite(
  { db, store, imaging }: CompositeDeps,
  due: DueComposite,
): Promise<CompositeOutcome> {
  const {
    images: [original],
    mask,
  } = listSources(due.request);
  if (original === undefined || mask === null)
    return skip('no_mask', 'the edit has no mask, so everything may have changed');
  if (!hasThumbnail(due.format))
    return skip('picture_unsupported', `the result is a ${due.format}`);
  const rows = await findFiles(db, due.projectId, [original, mask]);
  const files = new Map(rows.map((row) => [row.id, row]));
  const [first, area] = [files.get(original), files.get(mask)];
  if (first === undefined || area === undefined)
    return skip(
      'source_missing',
      `${first === undefined ? original : mask} was deleted before the composite was made`,
    );
  const isTurned =
    first.picture !== null && area.picture !== null && isOfStoredSize(area.picture, first.picture);
  try {
    const composite = await imaging.composite({
      result: open(store, due.imageKey),
      original: open(store, first.object_key),
      mask: open(store, area.object_key),
      maskOrientation: isTurned ? (first.picture?.orientation ?? 1) : 1,
    });
    return composite.status === 'skipped' ? composite : await keep(store, due, composite);
  } catch (error) {
    if (!(error instanceof MissingObject)) throw error;
    return skip('source_missing', error.message);
  }
}

class MissingObject extends Error {}

function open(store: ObjectStore, key: string): PictureSource {
  return async (signal) => {
    const bytes = await readObject(store, key, signal);
    if (bytes === null) throw new MissingObject('the bytes of a picture are not in the store');
    return bytes;
  };
}

async function keep(
  store: ObjectStore,
  { jobId, index, attemptNo }: DueComposite,
  { bytes, width, height }: { bytes: Uint8Array; width: number; height: number },
): Promise<MadeComposite> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const objectKey = keyOfComposite({ jobId, no: attemptNo }, { index, sha256 });
  await store.put(objectKey, bytes, { contentType: contentTypeOf('png'), sha256 });
  return {
    status: 'made',
    objectKey,
    width,
    height,
    bytes: bytes.length,
    sha256,
    crc32: crc32(bytes),
  };
}
