/**
 * Keeps uploads from filling the disk of the object store: below a limit of free space they are
 * refused, so that the pictures of calls that were paid for can still be stored, and so that an
 * embedded PostgreSQL on the same disk can still write. Stores in a network have no such limit.
 */
import { KilnError } from '../../errors.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

export interface FreeSpaceDeps {
  config: { minFreeBytes: number };
  store: ObjectStore;
}

/** An upload is checked again each time so many bytes of it have arrived. */
export const bytesBetweenChecks = 16 * 1024 * 1024;

/** Throws `insufficient_storage`. */
export async function requireFreeSpace({ config, store }: FreeSpaceDeps): Promise<void> {
  const freeBytes = await store.freeBytes?.();
  if (freeBytes === undefined || freeBytes >= config.minFreeBytes) return;
  const count = (value: number): string => value.toLocaleString('en');
  throw new KilnError(
    'insufficient_storage',
    `the disk that Kiln stores files on has ${count(freeBytes)} free bytes, and uploads are ` +
      `refused below ${count(config.minFreeBytes)} (KILN_MIN_FREE_BYTES), so that paid pictures ` +
      'can still be stored; ask the operator to free space',
  );
}
