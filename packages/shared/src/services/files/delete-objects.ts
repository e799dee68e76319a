/** Deleting objects, so that one that cannot be deleted does not keep the others. */
import type { ObjectStore } from '../../storage/object-store.ts';
import { inParallel } from '../in-parallel.ts';

const atOnce = 10;

/** The errors of those that could not be deleted, by key. What is not there counts as deleted. */
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
