/**
 * Takes the pictures out of a zip that came with a batch, reading it from the object store entry by
 * entry. Neither the archive nor an entry is ever held whole in memory. Names of entries are never
 * used as paths, so a name such as `../x` cannot lead out of a folder.
 */
import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { uploadLimits } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { OpenedBytes, StoredBytes } from '../../files/store-file.ts';
import { maxPictures, type UploadedPictures } from './uploaded-pictures.ts';
import { cutText } from '../../../schemas/text.ts';

/** An archive may hold folders, and files that file managers add, besides the pictures. */
const entriesPerPicture = 3;
const unicodeFlag = 0x800;

/**
 * Throws `invalid_request` and `file_too_large` for the archive, and what `pictures.add` throws for
 * a picture.
 */
export async function unzipPictures(
  store: ObjectStore,
  { objectKey, bytes }: StoredBytes,
  pictures: UploadedPictures,
): Promise<void> {
  const zip = await openZip(store, objectKey, bytes);
  if (zip.entryCount > maxPictures * entriesPerPicture)
    throw refuse(
      `has ${zip.entryCount.toLocaleString('en')} entries; a zip may have at most ` +
        (maxPictures * entriesPerPicture).toLocaleString('en'),
    );
  try {
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      if (yauzl.validateFileName(name) !== null)
        throw refuse(`holds "${cutText(name, 100)}"; names must be relative paths without ".."`);
      if (isIgnored(name)) continue;
      if (entry.isEncrypted())
        throw refuse(`holds "${name}", which is encrypted; make the zip without a password`);
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
      // An entry that inflates to another size than it states is an error.
      validateEntrySizes: true,
    });
  } catch (error) {
    throw error instanceof Error ? explain(error) : error;
  }
}

/**
 * Attaches an error listener immediately: an unhandled `error` event would end the process, and an
 * error before the first read would be missed.
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

  /** Reads the bytes from `start` up to, and without, `end`. */
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

/**
 * Decodes UTF-8 if the entry states it or its bytes allow it, else CP932, which Windows in Japan
 * writes.
 */
function nameOf({ fileNameRaw, generalPurposeBitFlag }: yauzl.Entry): string {
  const encodings =
    (generalPurposeBitFlag & unicodeFlag) === 0 ? ['utf-8', 'shift_jis'] : ['utf-8'];
  for (const encoding of encodings) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(fileNameRaw).replaceAll('\\', '/');
    } catch {
      // The name is not in this encoding, so the loop tries the next one.
    }
  }
  return fileNameRaw.toString('latin1');
}

/** True for folders, and for files that macOS and Windows add by themselves. */
function isIgnored(name: string): boolean {
  return name.endsWith('/') || /(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i.test(name);
}

function refuse(reason: string): KilnError {
  return new KilnError('invalid_request', `files: the zip ${reason}`, { param: 'files' });
}

/**
 * Errors of yauzl are mistakes in the archive. An outage of the store is not: it keeps its own
 * error.
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
    `files: "${name}" in the zip is too large; a picture has at most ` +
      `${uploadLimits.vision.toLocaleString('en')} bytes`,
    { param: 'files' },
  );
}
