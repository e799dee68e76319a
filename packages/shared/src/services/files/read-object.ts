/**
 * Reads a whole object into memory. It may be as large as a picture may be, so it is never copied.
 */
import { addAbortSignal } from 'node:stream';
import type { ObjectStore } from '../../storage/object-store.ts';

/** Null if the object does not exist. @param signal aborts the reading */
export async function readObject(
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const object = await store.get(key);
  if (object === null) return null;
  const bytes = new Uint8Array(object.size);
  let offset = 0;
  for await (const chunk of addAbortSignal(signal, object.stream) as AsyncIterable<Uint8Array>) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  if (offset !== bytes.length)
    throw new Error(`read ${offset} of the ${bytes.length} bytes of ${key}`);
  return bytes;
}
