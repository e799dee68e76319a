/** Checks at the start that a network store allows every operation that Kiln uses. */
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { StorageError, type ObjectStore } from './object-store.ts';

/**
 * Writes a probe object, reads, lists and deletes it, and checks that it is gone: a key may be
 * allowed only some of these operations. Throws a `StorageError`.
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
        `objects written to ${store.name} cannot be read back`,
      );
  } finally {
    await store.delete(key);
  }
  if ((await store.head(key)) !== null)
    throw new StorageError(
      'storage_unavailable',
      `objects deleted from ${store.name} are still there`,
    );
}
