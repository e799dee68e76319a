/**
 * Uploads bytes to a network store: in one request if they fit in one part or are in memory
 * already, otherwise in parts. While one part is sent the next is collected, so at most two are in
 * memory (`maxBufferedObjectBytes`). An upload that fails is aborted. The drivers for S3 and Azure
 * Blob Storage supply the requests.
 */
import { createHash } from 'node:crypto';
import type { ObjectBytes, StoredObject } from './object-store.ts';

/**
 * All parts except the last have this size, because some stores insist on it. S3 takes at most
 * 10,000 parts, which makes 117 GiB.
 */
export const partBytes = 12 * 1024 * 1024;

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

/** @param known the hash of the bytes, if the caller knows it already */
export async function putInParts(
  bytes: ObjectBytes,
  upload: Upload,
  known?: string,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  let size = 0;
  let partial: PartialUpload | null = null;
  let [parts, sending] = [0, Promise.resolve()];

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
  const part = createPart();
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
        sending = partial.sendPart(full, (parts += 1));
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
  }
}

const firstBytes = 256 * 1024;

/**
 * Collects a part in a buffer that grows, so that a small object does not take the memory of a
 * large one.
 */
function createPart() {
  let [buffer, length] = [Buffer.alloc(0), 0];
  return {
    isFull: () => length === partBytes,
    /** Returns how many bytes it took. */
    add(chunk: Uint8Array): number {
      const taken = Math.min(chunk.length, partBytes - length);
      if (length + taken > buffer.length) {
        const wanted = Math.max(firstBytes, length + taken, buffer.length * 4);
        const larger = Buffer.allocUnsafeSlow(Math.min(partBytes, wanted));
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
