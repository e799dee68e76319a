/**
 * How many objects of a store are open: read neither to their ends nor given up. On a remote store
 * each of them holds a connection.
 */
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { waitFor } from './wait-for.ts';

export interface OpenObjects {
  /** Waits until none is open any more. */
  allClosed(): Promise<true>;
}

/**
 * From now on; the store does what it did before.
 * @param hold awaited before an object that was opened is handed over
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
