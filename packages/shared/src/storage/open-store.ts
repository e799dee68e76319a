/** Opens the object store that `STORAGE_URL` names. */
import { resolve } from 'node:path';
import { openFileStore } from './file-store.ts';
import type { ObjectStore } from './object-store.ts';

/** `file:` now; relative paths are read from the working directory. Throws one sentence for anything else. */
export async function openObjectStore(storageUrl: string): Promise<ObjectStore> {
  const [scheme, rest = ''] = storageUrl.split(/:(.*)/s);
  if (scheme === 'file' && rest !== '') return openFileStore(resolve(rest.replace(/^\/\/(?=\/)/, '')));
  if (scheme === 's3' || scheme === 'azblob') throw new Error(`STORAGE_URL starts with ${scheme}:, which is not there yet: use file:<folder>`);
  throw new Error('STORAGE_URL must start with file:, as in file:.data/objects');
}
