/**
 * The port of the object store: whole objects under keys that are written once. All drivers behave
 * alike; one contract suite runs on each.
 */
import type { Readable } from 'node:stream';

export type ObjectBytes = Uint8Array | AsyncIterable<Uint8Array>;
export type StoredObject = { bytes: number; sha256: string };
/**
 * Hash and type are stored with the object, except in a folder. S3 objects that were uploaded in
 * parts and exceed 5 GiB have no hash.
 */
export type ObjectHead = { size: number; sha256?: string; contentType?: string };
/** Response headers of a signed URL, and how long it is valid. */
export type LinkOptions = {
  expiresInSeconds: number;
  contentType: string;
  contentDisposition: string;
};
/**
 * `sha256`: hash of the bytes, if the caller knows it already. `expectedBytes`: about how many
 * there are, for sources that may exceed 100 GiB; the store chooses its parts by it.
 */
export type PutOptions = { contentType: string; sha256?: string; expectedBytes?: number };
export type ListedObject = { key: string; size: number; modifiedAt: Date };
/** Bytes `start` to `end`, both included, as in an HTTP Range. */
export type ByteRange = { start?: number; end?: number };

export const maxBufferedObjectBytes = 32 * 1024 * 1024;

export interface ObjectStore {
  readonly name: string;
  /** Sentences for the operator about limits of this store; complete after `check`. */
  readonly remarks?: readonly string[];
  /**
   * Writes the object completely or not at all; it is invisible until its last byte is written. A
   * key is written once: if it exists, the existing object stays (the same key means the same
   * bytes), and the result describes the given bytes.
   *
   * A source of chunks may have any length. It is read as fast as it is written, with at most
   * `maxBufferedObjectBytes` in memory (a driver that uploads parts sends one while it collects the
   * next). An error of the source is rethrown unchanged, and nothing stays behind, parts included.
   * When the store itself fails, the caller must close a source that was not read to its end.
   */
  put(key: string, bytes: ObjectBytes, options: PutOptions): Promise<StoredObject>;
  /**
   * Returns null if there is no such object; `size` is the size of the whole object. Callers must
   * read the stream to its end or destroy it. The stream may fail before a reader listens for its
   * errors: that does not end the process.
   */
  get(key: string, range?: ByteRange): Promise<{ stream: Readable; size: number } | null>;
  head(key: string): Promise<ObjectHead | null>;
  /** Deleting a missing object is no error. */
  delete(key: string): Promise<void>;
  /** Lists keys that start with `prefix`, in order, after the key `after`. */
  list(prefix: string, options: { after?: string; limit: number }): Promise<ListedObject[]>;
  /**
   * A URL with which anyone can read the object (GET) until it expires, whether the object exists
   * or not. Stores that cannot sign URLs do not have this method.
   */
  signedUrl?(key: string, options: LinkOptions): Promise<string>;
  /** Free bytes of the disk that the objects are on. Stores that cannot tell do not have this. */
  freeBytes?(): Promise<number>;
  /** Writes, reads and deletes a probe object. Throws one sentence that explains what is wrong. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export class StorageError extends Error {
  readonly code: 'storage_full' | 'storage_unavailable';

  constructor(
    code: 'storage_full' | 'storage_unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

const maxKeyLength = 512;

/** The first segment of keys that the drivers use themselves, for files that are being written. */
export const reservedSegment = '.tmp';

/**
 * All drivers accept the same keys: segments of letters, digits, `.`, `_` and `-`, but not `.` or
 * `..`. Throws for any other key.
 */
export function parseObjectKey(key: string): string {
  const segments = key.length <= maxKeyLength ? key.split('/') : [''];
  const isKey =
    segments[0] !== reservedSegment &&
    segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment));
  if (!isKey) throw new Error(`not an object key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}
