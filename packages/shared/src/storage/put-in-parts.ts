/**
 * Putting bytes into a store over the network, whichever it is: at once where they are few or at
 * hand, in parts where they come as a stream. While one part is sent the next is collected, so that
 * two are held at a time (`maxBufferedObjectBytes`).
 */
import { createHash } from 'node:crypto';
import type { ObjectBytes, StoredObject } from './object-store.ts';

/**
 * All parts but the last are as long: some stores insist. 10,000 of them, which is the most S3
 * takes, are 117 GiB.
 */
export const partBytes = 12 * 1024 * 1024;

export interface PartialUpload {
  /** Numbers count from 1. */
  sendPart(part: Buffer, number: number): Promise<void>;
  /** Makes the object of the parts. */
  complete(whole: StoredObject): Promise<void>;
  /** Gives up what was sent. */
  abort(): Promise<void>;
}

export interface Upload {
  putWhole(bytes: Uint8Array, sha256: string): Promise<void>;
  begin(): Promise<PartialUpload>;
}

/** @param known the hash of the bytes, where they are at hand */
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
        sending.catch(() => undefined); // it is awaited before the next one
      }
    }
    return await putLast(part.take());
  } catch (error) {
    await sending.catch(() => undefined);
    // What cannot be given up now is no object, and nobody sees it; the error that came first says
    // more.
    await partial?.abort().catch(() => undefined);
    throw error;
  }
}

const firstBytes = 256 * 1024;

/** Collects a part. It grows, so that a small object does not take the room of a large one. */
function createPart() {
  let [buffer, length] = [Buffer.alloc(0), 0];
  return {
    isFull: () => length === partBytes,
    /** Returns how much it has taken. */
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
