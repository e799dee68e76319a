/**
 * What a store over the network is asked at boot: whether everything that will be done to it can be
 * done.
 */
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { StorageError, type ObjectStore } from './object-store.ts';

/**
 * Writes a probe, finds, reads, lists and deletes it, and looks for it again: a key may be allowed
 * some of that only.
 */
export async function probeStore(store: ObjectStore): Promise<void> {
  const key = `.probe-${randomUUID()}`;
  await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
  try {
    const found = await store.get(key);
    const read = found && (await buffer(found.stream));
    const listed = await store.list(key, { limit: 1 });
    if (read?.toString() !== key || listed[0]?.key !== key)
      throw new StorageError(
        'storage_unavailable',
        `what is written to ${store.name} cannot be read again`,
      );
  } finally {
    await store.delete(key);
  }
  if ((await store.head(key)) !== null)
    throw new StorageError('storage_unavailable', `what is deleted from ${store.name} stays there`);
}
