/**
 * `archive.zip`: the pictures of a batch and its manifest, streamed and not compressed. Memory
 * holds a name and a size for each picture, never the pictures.
 */
import { hasEnded } from '../../../domain/batch-state.ts';
import { KilnError } from '../../../errors.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { Database } from '../../../records/database/open-records.ts';
import {
  manifestHeader,
  manifestLines,
  readManifest,
  readPictures,
  type NamedPicture,
} from './manifest.ts';
import { createZipLength, writeZip, type ZipEntry } from './write-zip.ts';

interface ArchiveDeps {
  db: Database;
  store: ObjectStore;
}

const manifestName = 'manifest.csv';

export interface Archive {
  /** Null while the batch has not ended, because it may grow while the archive is sent. */
  bytes: number | null;
  open(): AsyncGenerator<Uint8Array>;
}

export async function openArchive(deps: ArchiveDeps, batch: BatchRow): Promise<Archive> {
  return {
    bytes: hasEnded(batch.status) ? await measure(deps.db, batch) : null,
    open: () => writeZip(readEntries(deps, batch)),
  };
}

async function measure(db: Database, batch: BatchRow): Promise<number> {
  const length = createZipLength();
  let size = Buffer.byteLength(manifestHeader(true));
  for await (const { lines, pictures } of readManifest(db, batch)) {
    for (const { name, image } of pictures) length.add(name, image.bytes);
    for (const line of lines) size += Buffer.byteLength(line);
  }
  length.add(manifestName, size);
  return length.total();
}

async function* readEntries({ db, store }: ArchiveDeps, batch: BatchRow): AsyncGenerator<ZipEntry> {
  const pictures = prefetch(eachPicture(db, batch.id), ({ image }) => store.get(image.object_key));
  for await (const [{ name, image, job }, object] of pictures) {
    if (object === null)
      throw new KilnError(
        'image_missing',
        `the bytes of image ${image.index} of ${job.id} are not in the object store`,
      );
    try {
      yield { name, modifiedAt: job.finished_at ?? job.created_at, bytes: object.stream };
    } finally {
      object.stream.destroy(); // the consumer may not have started to read it
    }
  }
  const modifiedAt = batch.finished_at ?? new Date();
  yield { name: manifestName, modifiedAt, bytes: manifestBytes(db, batch) };
}

async function* eachPicture(db: Database, batchId: string): AsyncGenerator<NamedPicture> {
  for await (const { pictures } of readPictures(db, batchId)) yield* pictures;
}

type OpenedObject = Awaited<ReturnType<ObjectStore['get']>>;

/**
 * Opens each object while the one before it is read, because a store may be slow to answer. If the
 * consumer stops, the object that was opened and not read is closed.
 */
async function* prefetch<T>(
  items: AsyncIterable<T>,
  open: (item: T) => Promise<OpenedObject>,
): AsyncGenerator<[T, OpenedObject]> {
  let waiting: { item: T; opened: Promise<OpenedObject> } | null = null;
  try {
    for await (const item of items) {
      const ready = waiting;
      waiting = { item, opened: open(item) };
      waiting.opened.catch(() => undefined); // `await ready.opened` throws the error
      if (ready !== null) yield [ready.item, await ready.opened];
    }
    const last = waiting;
    waiting = null;
    if (last !== null) yield [last.item, await last.opened];
  } finally {
    const unread = await waiting?.opened.catch(() => null);
    unread?.stream.destroy();
  }
}

async function* manifestBytes(db: Database, batch: BatchRow): AsyncGenerator<Uint8Array> {
  for await (const line of manifestLines(db, batch, true)) yield Buffer.from(line);
}
