/**
 * Uploads bytes to a network store: in one request if they fit in one part or are in memory
 * already, otherwise in parts. While one part is sent the next is collected, so at most two are in
 * memory (`maxBufferedObjectBytes`, more for objects above 105 GiB). An upload that fails is
 * aborted. Senders may be slow and many, so what all uploads of a process collect has a limit too;
 * beyond it an upload fails, and can be sent again. The drivers for S3 and Azure Blob Storage
 * supply the requests.
 */
import { createHash } from 'node:crypto';
import {
  StorageError,
  type ObjectBytes,
  type PutOptions,
  type StoredObject,
} from './object-store.ts';

const mebibyte = 1024 * 1024;
const minPartBytes = 12 * mebibyte;
/**
 * S3 takes at most 10,000 parts; the rest is a margin for objects that are longer than expected.
 */
const maxExpectedParts = 9_000;

/**
 * The size of all parts of an object except the last; some stores insist that they are equal. It
 * grows only for objects above 105 GiB.
 */
export function partSizeOf(expectedBytes: number): number {
  const needed = Math.ceil(expectedBytes / maxExpectedParts / mebibyte) * mebibyte;
  return Math.max(minPartBytes, needed);
}

/** Memory for the parts of all uploads. */
interface PartMemory {
  /** Throws a `StorageError` when the limit would be exceeded. */
  hold(bytes: number): void;
  free(bytes: number): void;
}

export function createPartMemory(limit: number): PartMemory {
  let held = 0;
  return {
    hold(bytes) {
      if (held + bytes > limit)
        throw new StorageError(
          'storage_unavailable',
          `the uploads under way fill the ${limit} bytes of memory for them`,
        );
      held += bytes;
    },
    free(bytes) {
      held -= bytes;
    },
  };
}

/** Twenty uploads at a time that are as slow as they may be. */
const partMemory = createPartMemory(256 * mebibyte);

export interface PartialUpload {
  /** Part numbers start at 1. */
  sendPart(part: Buffer, number: number): Promise<void>;
  /** Creates the object from its parts. */
  complete(whole: StoredObject): Promise<void>;
  /** Discards the parts that were sent. */
  abort(): Promise<void>;
}

export interface Upload {
  putWhole(bytes: Uint8Array, sha256: string): Promise<void>;
  begin(): Promise<PartialUpload>;
}

export async function putInParts(
  bytes: ObjectBytes,
  upload: Upload,
  { sha256: known, expectedBytes = 0 }: Pick<PutOptions, 'sha256' | 'expectedBytes'> = {},
  memory = partMemory,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  let size = 0;
  let partial: PartialUpload | null = null;
  let [parts, sending] = [0, Promise.resolve()];
  let held = 0;
  const hold = (bytes: number): void => {
    memory.hold(bytes);
    held += bytes;
  };
  const free = (bytes: number): void => {
    memory.free(bytes);
    held -= bytes;
  };

  async function putLast(part: Uint8Array): Promise<StoredObject> {
    await sending;
    hash.update(part);
    const stored = { bytes: size + part.length, sha256: hash.digest('hex') };
    if (partial === null) {
      await upload.putWhole(part, stored.sha256);
    } else {
      if (part.length > 0)
        await partial.sendPart(Buffer.from(part.buffer, part.byteOffset, part.length), parts + 1);
      await partial.complete(stored);
    }
    return stored;
  }

  if (bytes instanceof Uint8Array && known !== undefined) {
    await upload.putWhole(bytes, known);
    return { bytes: bytes.length, sha256: known };
  }
  if (bytes instanceof Uint8Array) return putLast(bytes);
  const part = createPart(partSizeOf(expectedBytes), hold);
  try {
    for await (const chunk of bytes) {
      for (let offset = 0; offset < chunk.length;) {
        offset += part.add(chunk.subarray(offset));
        if (!part.isFull()) continue;
        const full = part.take();
        hash.update(full);
        size += full.length;
        partial ??= await upload.begin();
        await sending;
        sending = partial.sendPart(full, (parts += 1)).finally(() => free(full.length));
        sending.catch(() => undefined); // awaited before the next part
      }
    }
    return await putLast(part.take());
  } catch (error) {
    await sending.catch(() => undefined);
    // Parts that cannot be discarded now are no object and stay invisible; the first error is the
    // one to report.
    await partial?.abort().catch(() => undefined);
    throw error;
  } finally {
    free(held);
  }
}

const firstBytes = 256 * 1024;

/**
 * Collects a part in a buffer that grows, so that a small object does not take the memory of a
 * large one.
 * @param hold is called with the bytes by which the buffer grows, before it does
 */
function createPart(partBytes: number, hold: (bytes: number) => void) {
  let [buffer, length] = [Buffer.alloc(0), 0];
  return {
    isFull: () => length === partBytes,
    /** Returns how many bytes it took. */
    add(chunk: Uint8Array): number {
      const taken = Math.min(chunk.length, partBytes - length);
      if (length + taken > buffer.length) {
        const wanted = Math.max(firstBytes, length + taken, buffer.length * 4);
        const size = Math.min(partBytes, wanted);
        hold(size - buffer.length);
        const larger = Buffer.allocUnsafeSlow(size);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      buffer.set(chunk.subarray(0, taken), length);
      length += taken;
      return taken;
    },
    take(): Buffer {
      const taken = buffer.subarray(0, length);
      [buffer, length] = [Buffer.alloc(0), 0];
      return taken;
    },
  };
}
