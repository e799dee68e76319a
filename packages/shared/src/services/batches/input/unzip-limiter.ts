/**
 * Limits the bytes that the requests of a process unpack from zips at a time. A small zip unpacks
 * to many bytes, and these stay in the object store until their request is accepted or refused.
 */
import { KilnError } from '../../../errors.ts';

export interface UnzipLimiter {
  /** Returns what frees the bytes again. Throws `unzipping_busy`. */
  reserve(bytes: number): () => void;
}

/** Two of the largest requests. */
const maxUnpackedBytes = 2_000_000_000;

export function createUnzipLimiter(limit = maxUnpackedBytes): UnzipLimiter {
  let reserved = 0;
  return {
    reserve(bytes) {
      if (reserved + bytes > limit) throw busy(bytes, reserved, limit);
      reserved += bytes;
      let isHeld = true;
      return () => {
        if (isHeld) reserved -= bytes;
        isHeld = false;
      };
    },
  };
}

function busy(bytes: number, reserved: number, limit: number): KilnError {
  const count = (value: number): string => value.toLocaleString('en');
  return new KilnError(
    'unzipping_busy',
    `files: the zip unpacks to ${count(bytes)} bytes, and other requests are unpacking ` +
      `${count(reserved)}; this process unpacks at most ${count(limit)} at a time. Nothing was ` +
      'accepted; send it again',
    { param: 'files', retryAfterMs: 5_000 },
  );
}
