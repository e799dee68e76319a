/** archive.zip: the pictures of a batch and its manifest, streamed and not compressed. What is held is a name and a size for each picture. */
import { makeZip, predictLength } from 'client-zip';
import { batchTransitions } from '../../domain/batch-state.ts';
import { KilnError } from '../../errors.ts';
import type { BatchRow } from '../../records/batches.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Database } from '../../records/open-records.ts';
import { manifestLines, readPictures } from './manifest.ts';

interface ArchiveDeps {
  db: Database;
  store: ObjectStore;
}

const manifestName = 'manifest.csv';

export interface Archive {
  /** Null while the batch has not ended: it may grow while it is sent. */
  bytes: number | null;
  open(): ReadableStream<Uint8Array>;
}

export async function openArchive(deps: ArchiveDeps, batch: BatchRow): Promise<Archive> {
  const hasEnded = batchTransitions[batch.status].length === 0;
  return {
    bytes: hasEnded ? await measure(deps.db, batch) : null,
    open: () => makeZip(readEntries(deps, batch)),
  };
}

async function measure(db: Database, batch: BatchRow): Promise<number> {
  const entries: { name: string; size: number }[] = [];
  for await (const { pictures } of readPictures(db, batch.id)) {
    for (const { name, image } of pictures) entries.push({ name, size: image.bytes });
  }
  let size = 0;
  for await (const line of manifestLines(db, batch, true)) size += Buffer.byteLength(line);
  entries.push({ name: manifestName, size });
  return Number(predictLength(entries));
}

async function* readEntries({ db, store }: ArchiveDeps, batch: BatchRow) {
  for await (const { pictures } of readPictures(db, batch.id)) {
    for (const { name, image, job } of pictures) {
      const object = await store.get(image.object_key);
      if (object === null)
        throw new KilnError(
          'image_missing',
          `the bytes of image ${image.index} of ${job.id} are not in the object store`,
        );
      const lastModified = job.finished_at ?? job.created_at;
      yield {
        name,
        lastModified,
        size: image.bytes,
        input: object.stream as AsyncIterable<Uint8Array<ArrayBuffer>>,
      };
    }
  }
  yield {
    name: manifestName,
    lastModified: batch.finished_at ?? new Date(),
    input: manifestBytes(db, batch),
  };
}

async function* manifestBytes(db: Database, batch: BatchRow): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const line of manifestLines(db, batch, true)) yield Buffer.from(line);
}
