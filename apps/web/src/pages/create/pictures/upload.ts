/** Uploads of pictures. `fetch` tells no progress of what it sends, so this is XMLHttpRequest. */
import { address } from '../../../api/client.ts';
import { noteSignedOut } from '../../../api/session.ts';
import type { StoredFile } from '../draft/types.ts';

export class UploadRefused extends Error {
  readonly code: string | null;

  constructor(message: string, code: string | null) {
    super(message);
    this.name = 'UploadRefused';
    this.code = code;
  }
}

interface ErrorBody {
  error?: { message?: string; code?: string };
}

/**
 * Uploads a picture or a mask.
 * @param onProgress is called with the share that was sent, 0 to 1
 * @throws UploadRefused with the words of the API, or `unreachable` as its code
 */
export function uploadPicture(
  file: Blob,
  name: string,
  onProgress?: (share: number) => void,
): Promise<StoredFile> {
  const { promise, resolve, reject } = Promise.withResolvers<StoredFile>();
  const form = new FormData();
  form.append('purpose', 'vision');
  form.append('file', file, name);
  const request = new XMLHttpRequest();
  request.open('POST', address('v1/files'));
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
    if (lengthComputable) onProgress?.(loaded / total);
  });
  request.addEventListener('load', () => {
    if (request.status === 200) {
      resolve(request.response as StoredFile);
      return;
    }
    if (request.status === 401) noteSignedOut();
    const { error } = (request.response ?? {}) as ErrorBody;
    reject(new UploadRefused(error?.message ?? String(request.status), error?.code ?? null));
  });
  request.addEventListener('error', () => reject(new UploadRefused('', 'unreachable')));
  request.send(form);
  return promise;
}
