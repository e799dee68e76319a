/**
 * A whole object in memory, for what has to see all of it at once. Held once only: it may be as
 * large as any picture.
 */
import { addAbortSignal } from 'node:stream';
import type { ObjectStore } from '../../storage/object-store.ts';

/** null where there is no such object. @param signal ends the reading */
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
    throw new Error(`${key} has ${bytes.length} bytes, of which ${offset} came`);
  return bytes;
}
