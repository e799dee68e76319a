/**
 * `archive.zip`: the pictures of a batch, a selection or an album, their composites and a manifest,
 * streamed. Memory holds a name and a size for each picture, never the pictures.
 */
import { addAbortSignal, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { createBreaks, type Breaks } from '../../../event-loop.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { Database } from '../../../records/database/open-records.ts';
import { manifestHeader, manifestLines, readManifest } from './manifest.ts';
import { openComposite, openPicture } from './picture-checksum.ts';
import type { PictureList } from './picture-list.ts';
import { createZipLength, writeZip, type ZipEntry, type ZipFacts } from './write-zip.ts';

interface ArchiveDeps {
  db: Database;
  store: ObjectStore;
}

const manifestName = 'manifest.csv';

export interface Archive {
  /** Null for a list that may grow while the archive is sent. */
  bytes: number | null;
  open(): AsyncGenerator<Uint8Array>;
}

/**
 * @param signal ends the archive, also while its length is measured or the store sends nothing.
 * Throws its reason.
 */
export async function openArchive(
  deps: ArchiveDeps,
  list: PictureList,
  signal?: AbortSignal,
): Promise<Archive> {
  const breaks = createBreaks(signal);
  const measured = list.isClosed ? await measure(deps.db, list, breaks) : null;
  return {
    bytes: measured?.bytes ?? null,
    open: () => writeZip(readEntries(abortWith(deps, signal), list, measured, breaks)),
  };
}

/** The same store, whose objects are closed when the signal aborts. */
function abortWith({ db, store }: ArchiveDeps, signal: AbortSignal | undefined): ArchiveDeps {
  if (signal === undefined) return { db, store };
  const get: ObjectStore['get'] = async (...asked) => {
    const object = await store.get(...asked);
    if (object !== null) addAbortSignal(signal, object.stream);
    return object;
  };
  return { db, store: { ...store, get } };
}

interface Measured {
  bytes: number;
  manifest: ZipFacts;
  /** The objects of the composites that count: others may be made while the archive is sent. */
  composites: ReadonlySet<string>;
}

/** Returns the length of the archive, and what it rests on. */
async function measure(db: Database, list: PictureList, breaks: Breaks): Promise<Measured> {
  const length = createZipLength();
  const composites = new Set<string>();
  let manifest: ZipFacts = { size: 0, crc32: 0 };
  const addText = (text: string): void => {
    const bytes = Buffer.from(text);
    manifest = { size: manifest.size + bytes.length, crc32: crc32(bytes, manifest.crc32) };
  };
  addText(manifestHeader(list, true));
  for await (const { lines, pictures } of readManifest(db, list, breaks)) {
    for (const { name, image, compositeName, isTrashed } of pictures) {
      if (isTrashed) continue;
      length.add(name, image.bytes);
      if (image.composite?.status !== 'made') continue;
      length.add(compositeName, image.composite.bytes);
      composites.add(image.composite.object_key);
    }
    addText(lines.join(''));
  }
  length.add(manifestName, manifest.size);
  return { bytes: length.total(), manifest, composites };
}

/** @param measured null if the list may still grow */
async function* readEntries(
  deps: ArchiveDeps,
  list: PictureList,
  measured: Measured | null,
  breaks: Breaks,
): AsyncGenerator<ZipEntry> {
  const { db } = deps;
  const pictures = prefetch(eachPicture(deps, list, measured, breaks), ({ open }) => open());
  for await (const [{ name, bytes, modifiedAt }, { stream, crc32: checksum }] of pictures) {
    try {
      yield {
        name,
        modifiedAt,
        facts: { size: bytes, crc32: checksum },
        bytes: stream,
      };
    } finally {
      stream.destroy(); // the consumer may not have started to read it
    }
  }
  yield {
    name: manifestName,
    modifiedAt: list.modifiedAt,
    facts: measured?.manifest ?? null,
    bytes: manifestBytes(db, list, breaks),
  };
}

interface ArchivedPicture {
  name: string;
  bytes: number;
  modifiedAt: Date;
  open(): Promise<{ stream: Readable; crc32: number }>;
}

/** Each picture, followed by its composite. */
async function* eachPicture(
  deps: ArchiveDeps,
  list: PictureList,
  measured: Measured | null,
  breaks: Breaks,
): AsyncGenerator<ArchivedPicture> {
  for await (const { pictures } of list.read(breaks))
    for (const { name, compositeName, image, job, isTrashed } of pictures) {
      if (isTrashed) continue;
      const modifiedAt = job.finished_at ?? job.created_at;
      yield { name, bytes: image.bytes, modifiedAt, open: () => openPicture(deps, image) };
      const { composite } = image;
      if (composite?.status !== 'made') continue;
      if (measured !== null && !measured.composites.has(composite.object_key)) continue;
      yield {
        name: compositeName,
        bytes: composite.bytes,
        modifiedAt,
        open: () => openComposite(deps, image, composite),
      };
    }
}

/**
 * Opens each object while the one before it is read, because a store may be slow to answer. If the
 * consumer stops, the object that was opened and not read is closed.
 */
async function* prefetch<Item, Opened extends { stream: Readable }>(
  items: AsyncIterable<Item>,
  open: (item: Item) => Promise<Opened>,
): AsyncGenerator<[Item, Opened]> {
  let waiting: { item: Item; opened: Promise<Opened> } | null = null;
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

async function* manifestBytes(
  db: Database,
  list: PictureList,
  breaks: Breaks,
): AsyncGenerator<Uint8Array> {
  for await (const line of manifestLines(db, list, { withMark: true, breaks }))
    yield Buffer.from(line);
}
