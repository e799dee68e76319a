/** Buckets in the object stores of the run, for test files. */
import { inject } from 'vitest';
import { bucketInAzurite, bucketInS3, type StoreName, type TestBucket } from './object-stores.ts';

/** Returns null for files, which need no server. */
export function createTestBucket(name: StoreName): TestBucket | null {
  const { azuriteUrl, s3 } = inject('engines').stores;
  if (name === 'file') return null;
  return name === 's3' ? bucketInS3(s3) : bucketInAzurite(azuriteUrl);
}

/** The store of a whole run: `KILN_TEST_STORE=s3 npm test -- --project 'faults*'`. */
export function storeOfRun(): StoreName {
  const name = process.env.KILN_TEST_STORE || 'file';
  if (name !== 'file' && name !== 's3' && name !== 'azurite')
    throw new Error(`KILN_TEST_STORE is "${name}"; it must be file, s3 or azurite`);
  return name;
}
