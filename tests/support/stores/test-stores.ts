/** Places in the object stores of the run, for test files. */
import { inject } from 'vitest';
import { placeInAzurite, placeInS3, type StoreName, type StorePlace } from './object-stores.ts';

/** null: files, which need no server. */
export function createTestPlace(name: StoreName): StorePlace | null {
  const { azuriteUrl, s3 } = inject('engines').stores;
  if (name === 'file') return null;
  return name === 's3' ? placeInS3(s3) : placeInAzurite(azuriteUrl);
}

/** The store that a whole run is made on: `KILN_TEST_STORE=s3 npm test -- --project faults`. */
export function storeOfRun(): StoreName {
  const name = process.env.KILN_TEST_STORE || 'file';
  if (name !== 'file' && name !== 's3' && name !== 'azurite')
    throw new Error(`KILN_TEST_STORE is "${name}": it is file, s3 or azurite`);
  return name;
}
