/**
 * Takes the pictures out of a zip that came with a batch, reading it from the object store entry by
 * entry. Neither the archive nor an entry is ever held whole in memory. Names of entries are never
 * used as paths, so a name such as `../x` cannot lead out of a folder. `zip-directory.ts` refuses
 * archives before anything is unpacked.
 */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { KilnError } from '../../../errors.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { OpenedBytes, StoredBytes } from '../../files/store-file.ts';
import type { UploadedPictures } from './uploaded-pictures.ts';
import { checkEnd, readDirectory, sizeOf, type ZippedPicture } from './zip-directory.ts';

/**
 * Throws `invalid_request` and `file_too_large` for the archive, `invalid_request` when `signal`
 * aborts, and what `pictures.reserve` and `pictures.add` throw.
 * @param signal aborts when the caller has disconnected
 */
export async function unzipPictures(
  store: ObjectStore,
  { objectKey, bytes }: StoredBytes,
  pictures: UploadedPictures,
  signal: AbortSignal,
): Promise<void> {
  refuseIfAborted(signal);
  const zip = await openZip(store, objectKey, bytes);
  try {
    const found = await readDirectory(zip, bytes, () => refuseIfAborted(signal));
    pictures.reserve(found.length, sizeOf(found));
    for (const picture of found) {
      refuseIfAborted(signal);
      const { name, otherNames } = picture;
      await pictures.add(name, () => openEntry(zip, picture, signal), otherNames);
    }
  } catch (error) {
    throw error instanceof Error ? explain(error) : error;
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
    const reader = new ObjectReader(store, objectKey, bytes);
    return await yauzl.fromRandomAccessReaderPromise(reader, bytes, {
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
async function openEntry(
  zip: yauzl.ZipFile,
  picture: ZippedPicture,
  signal: AbortSignal,
): Promise<OpenedBytes> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(picture.entry, { minimal: true });
  checkEnd(picture, fileDataStart);
  const stream = await zip.openReadStreamPromise(picture.entry);
  stream.on('error', (error) => stream.destroy(error));
  return { whole: untilAborted(stream, signal), close: async () => void stream.destroy() };
}

async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    refuseIfAborted(signal);
    yield chunk;
  }
}

function refuseIfAborted(signal: AbortSignal): void {
  if (signal.aborted)
    throw new KilnError(
      'invalid_request',
      'files: the caller disconnected while the zip was unpacked; nothing was accepted',
      { param: 'files' },
    );
}

const blockBytes = 64 * 1024;

/**
 * Reads ranges of an object. Small ones come from a block that is kept until another one is needed,
 * because yauzl reads the directory and the headers in pieces of some bytes, and each would be a
 * request to the store.
 */
class ObjectReader extends yauzl.RandomAccessReader {
  readonly #store: ObjectStore;
  readonly #key: string;
  readonly #size: number;
  #block: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  constructor(store: ObjectStore, key: string, size: number) {
    super();
    this.#store = store;
    this.#key = key;
    this.#size = size;
  }

  /** Reads the bytes from `start` up to, and without, `end`. */
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(
      end - start < blockBytes ? this.#readFromBlock(start, end) : this.#read(start, end),
    );
  }

  async *#readFromBlock(start: number, end: number): AsyncGenerator<Uint8Array> {
    const isKept =
      start >= this.#block.start && end <= this.#block.start + this.#block.bytes.length;
    if (!isKept) {
      const whole = this.#read(start, Math.max(end, Math.min(start + blockBytes, this.#size)));
      this.#block = { start, bytes: await buffer(whole) };
    }
    const at = start - this.#block.start;
    yield this.#block.bytes.subarray(at, at + end - start);
  }

  async *#read(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (end <= start) return;
    const object = await this.#store.get(this.#key, { start, end: end - 1 });
    if (object === null)
      throw new KilnError('file_missing', 'the bytes of the zip are not in the object store');
    yield* object.stream as AsyncIterable<Uint8Array>;
  }
}

/**
 * Errors of yauzl are mistakes in the archive. An outage of the store is not: it keeps its own
 * error.
 */
function explain(error: Error): Error {
  const isOurs = error instanceof KilnError || error.name === 'StorageError';
  if (isOurs || 'syscall' in error) return error;
  return new KilnError('invalid_request', `files: the zip cannot be read (${error.message})`, {
    param: 'files',
    cause: error,
  });
}
