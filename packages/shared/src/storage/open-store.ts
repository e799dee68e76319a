/**
 * Opens the object store that `STORAGE_URL` names. The SDK of a store is loaded only when that
 * store is used, to save memory.
 */
import { noProxies, type Proxies } from '../config/proxies.ts';
import type { StorageSettings } from '../config/storage.ts';
import { openFileStore } from './filesystem/file-store.ts';
import type { ObjectStore } from './object-store.ts';

export async function openObjectStore(
  settings: StorageSettings,
  proxies: Proxies = noProxies,
): Promise<ObjectStore> {
  switch (settings.kind) {
    case 'file':
      return openFileStore(settings.folder);
    case 's3':
      return (await import('./s3/s3-store.ts')).openS3Store(settings, {}, proxies);
    case 'azblob':
      return (await import('./azure-blob/azure-blob-store.ts')).openAzureBlobStore(
        settings,
        {},
        proxies,
      );
  }
}
