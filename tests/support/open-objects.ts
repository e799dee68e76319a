/**
 * Counts the open objects of a store: those whose stream has neither ended nor been destroyed. On a
 * remote store each of them holds a connection.
 */
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { waitFor } from './wait-for.ts';

export interface OpenObjects {
  /** Waits until no object is open. */
  allClosed(): Promise<true>;
}

/**
 * Counts from now on. The store works as before.
 * @param hold awaited before the caller receives an opened object
 */
export function watchOpenObjects(
  store: ObjectStore,
  hold: () => Promise<void> = () => Promise.resolve(),
): OpenObjects {
  const open = new Set<string>();
  let opened = 0;
  const get = store.get.bind(store);
  store.get = async (key, range) => {
    const object = await get(key, range);
    if (object === null) return null;
    const name = `${key} (${(opened += 1)})`;
    open.add(name);
    object.stream.once('close', () => open.delete(name));
    await hold();
    return object;
  };
  return {
    allClosed: () =>
      waitFor(
        () => {
          if (open.size > 0) throw new Error(`still open: ${[...open].join(', ')}`);
          return true;
        },
        { what: 'every object to be closed' },
      ),
  };
}
