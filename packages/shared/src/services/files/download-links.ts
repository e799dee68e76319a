/**
 * Signed URLs, so that downloads need not pass through the API. They expire after a few minutes;
 * until then, anyone who has the URL can read the object.
 */
import type { Logger } from '../../logger.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** Long enough to follow a redirect on a slow line. A download that has begun is not cut off. */
const expiresInSeconds = 300;

/** The headers that the store sends in place of the API. */
export interface LinkedBytes {
  objectKey: string;
  contentType: string;
  contentDisposition: string;
}

/** Null if the download has to go through the API. */
export type DownloadLinks = (bytes: LinkedBytes) => Promise<string | null>;

export function createDownloadLinks(
  store: ObjectStore,
  isWanted: boolean,
  log: Logger,
): DownloadLinks {
  if (isWanted && store.signedUrl === undefined)
    log.warn(
      { store: store.name },
      'KILN_SIGNED_URLS is on, but this store cannot sign URLs: downloads go through the API',
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
      log.error({ err }, 'the store could not sign a URL; this download goes through the API');
      return null;
    }
  };
}

/**
 * An SVG may run scripts unless a content security policy comes with it, which a store does not
 * send.
 */
function isDocument(contentType: string): boolean {
  return contentType.startsWith('image/svg');
}
