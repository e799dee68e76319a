/** How many objects of a store are open: read neither to their ends nor given up. On a remote store each of them holds a connection. */
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { waitFor } from './wait-for.ts';

export interface OpenObjects {
  /** How many were opened since it began. */
  opened(): number;
  /** Waits until none is open any more. */
  allClosed(): Promise<true>;
}

/** From now on; the store does what it did before. */
export function watchOpenObjects(store: ObjectStore): OpenObjects {
  const open = new Set<string>();
  let opened = 0;
  const get = store.get.bind(store);
  store.get = async (key, range) => {
    const object = await get(key, range);
    if (object === null || object.stream.closed) return object;
    const name = `${key} (${(opened += 1)})`;
    open.add(name);
    object.stream.once('close', () => open.delete(name));
    return object;
  };
  return {
    opened: () => opened,
    allClosed: () =>
      waitFor(
        () => {
          if (open.size > 0) throw new Error(`still open: ${[...open].join(', ')}`);
          return true;
        },
        { what: 'every object to be closed', timeoutMs: 5_000 },
      ),
  };
}
