/**
 * Signed URLs, for bytes that need not go through the API: good for a few minutes, for whoever has
 * them.
 */
import type { Logger } from '../../logger.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** Long enough to follow a redirect, on whatever line; a download that has begun goes on. */
const expiresInSeconds = 300;

/** What the store is to say of the bytes, in place of the API. */
export interface LinkedBytes {
  objectKey: string;
  contentType: string;
  contentDisposition: string;
}

/** null: the bytes go through the API. */
export type DownloadLinks = (bytes: LinkedBytes) => Promise<string | null>;

export function createDownloadLinks(
  store: ObjectStore,
  isWanted: boolean,
  log: Logger,
): DownloadLinks {
  if (isWanted && store.signedUrl === undefined)
    log.warn(
      { store: store.name },
      'KILN_SIGNED_URLS is on, and this store signs no URLs: downloads go through the API',
    );
  return async ({ objectKey, contentType, contentDisposition }) => {
    if (!isWanted || store.signedUrl === undefined || isDocument(contentType)) return null;
    try {
      return await store.signedUrl(objectKey, {
        expiresInSeconds,
        contentType,
        contentDisposition,
      });
    } catch (err) {
      log.error({ err }, 'the store signed no URL; the download goes through the API');
      return null;
    }
  };
}

/** An SVG may run scripts unless it comes with a policy, which a store does not send. */
function isDocument(contentType: string): boolean {
  return contentType.startsWith('image/svg');
}
