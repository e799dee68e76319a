/** Deletes objects. One that cannot be deleted does not keep the others from being deleted. */
import type { ObjectStore } from '../../storage/object-store.ts';
import { inParallel } from '../in-parallel.ts';

const atOnce = 10;

/**
 * Returns the errors of the objects that were not deleted, by key. A missing object counts as
 * deleted.
 */
export async function deleteObjects(
  store: ObjectStore,
  keys: readonly string[],
): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  await inParallel(keys, atOnce, async (key) => {
    try {
      await store.delete(key);
    } catch (err) {
      failed.set(key, err);
    }
  });
  return failed;
}
