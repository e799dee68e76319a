/**
 * The pictures in a zip that came with a batch. It is read from the object store entry by entry:
 * neither the archive nor what is in it is ever held whole, and no name in it leads anywhere.
 */
import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { uploadLimits } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { OpenedBytes, StoredBytes } from '../../files/store-file.ts';
import { maxPictures, type UploadedPictures } from './uploaded-pictures.ts';

/** Folders and what file managers leave behind come on top of the pictures. */
const entriesPerPicture = 3;
const unicodeFlag = 0x800;

/**
 * Throws `invalid_request` and `file_too_large` for the archive, and what `pictures.add` throws for a
 * picture.
 */
export async function unzipPictures(
  store: ObjectStore,
  { objectKey, bytes }: StoredBytes,
  pictures: UploadedPictures,
): Promise<void> {
  const zip = await openZip(store, objectKey, bytes);
  if (zip.entryCount > maxPictures * entriesPerPicture)
    throw refuse(`has ${zip.entryCount.toLocaleString('en')} entries; that is more than are read`);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      if (yauzl.validateFileName(name) !== null)
        throw refuse(`holds "${name.slice(0, 100)}"; it takes names without a way out of it`);
      if (isIgnored(name)) continue;
      if (entry.isEncrypted()) throw refuse(`holds "${name}", which is encrypted`);
      if (entry.uncompressedSize > uploadLimits.vision) throw tooLarge(name);
      await pictures.add(name, () => openEntry(zip, entry));
    }
  } catch (error) {
    throw error instanceof KilnError || !(error instanceof Error) ? error : explain(error);
  } finally {
    zip.close();
  }
}

async function openZip(
  store: ObjectStore,
  objectKey: string,
  bytes: number,
): Promise<yauzl.ZipFile> {
  try {
    return await yauzl.fromRandomAccessReaderPromise(new ObjectReader(store, objectKey), bytes, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
      // What an entry says of its size is held to.
      validateEntrySizes: true,
    });
  } catch (error) {
    throw error instanceof Error ? explain(error) : error;
  }
}

/**
 * The reader only emits its errors: unheard one would end the process, and one that comes before
 * the first byte is asked for be missed.
 */
async function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<OpenedBytes> {
  const stream = await zip.openReadStreamPromise(entry);
  stream.on('error', (error) => stream.destroy(error));
  return { whole: stream, close: async () => void stream.destroy() };
}

class ObjectReader extends yauzl.RandomAccessReader {
  readonly #store: ObjectStore;
  readonly #key: string;

  constructor(store: ObjectStore, key: string) {
    super();
    this.#store = store;
    this.#key = key;
  }

  /** `end` is not included. */
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(readRange(this.#store, this.#key, start, end));
  }
}

async function* readRange(
  store: ObjectStore,
  key: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  if (end <= start) return;
  const object = await store.get(key, { start, end: end - 1 });
  if (object === null)
    throw new KilnError('file_missing', 'the bytes of the zip are not in the object store');
  yield* object.stream as AsyncIterable<Uint8Array>;
}

/** UTF-8 where the entry says so, or where it is; else what Windows in Japan writes. */
function nameOf({ fileNameRaw, generalPurposeBitFlag }: yauzl.Entry): string {
  const encodings =
    (generalPurposeBitFlag & unicodeFlag) === 0 ? ['utf-8', 'shift_jis'] : ['utf-8'];
  for (const encoding of encodings) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(fileNameRaw).replaceAll('\\', '/');
    } catch {
      // The next one.
    }
  }
  return fileNameRaw.toString('latin1');
}

/** Folders, and what macOS and Windows add by themselves. */
function isIgnored(name: string): boolean {
  return name.endsWith('/') || /(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i.test(name);
}

function refuse(reason: string): KilnError {
  return new KilnError('invalid_request', `files: the zip ${reason}`, { param: 'files' });
}

/**
 * Whatever the reader of archives complains about is the archive's mistake, but for an outage of
 * the store, which has its own error.
 */
function explain(error: Error): Error {
  if (error.name === 'StorageError' || 'syscall' in error) return error;
  return new KilnError('invalid_request', `files: the zip cannot be read (${error.message})`, {
    param: 'files',
    cause: error,
  });
}

function tooLarge(name: string): KilnError {
  return new KilnError(
    'file_too_large',
    `files: "${name}" in the zip is too large; a picture has at most ${uploadLimits.vision.toLocaleString('en')} bytes`,
    { param: 'files' },
  );
}
