/** Opens the object store that `STORAGE_URL` names. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFileStore } from './file-store.ts';
import type { ObjectStore } from './object-store.ts';

/** `file:` now; relative paths are read from the working directory. Throws one sentence for anything else. */
export async function openObjectStore(storageUrl: string): Promise<ObjectStore> {
  const [scheme, rest = ''] = storageUrl.split(/:(.*)/s);
  if (scheme === 'file' && rest !== '') return openFileStore(toFolder(storageUrl, rest));
  if (scheme === 's3' || scheme === 'azblob')
    throw new Error(`STORAGE_URL starts with ${scheme}:, which is not there yet: use file:<folder>`);
  throw new Error('STORAGE_URL must start with file:, as in file:.data/objects');
}

/** `file:///a/b` is a URL and is decoded as one; without the two slashes it is a path, written as paths are. */
function toFolder(url: string, path: string): string {
  if (!path.startsWith('//')) return resolve(path);
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new Error('STORAGE_URL must be file:<folder> or file:///<folder>, without a host', {
      cause: error,
    });
  }
}
