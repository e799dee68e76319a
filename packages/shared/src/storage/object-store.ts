/**
 * The port of the object store: whole objects under keys, written once. Drivers differ only behind
 * it; one contract suite runs on each.
 */
import type { Readable } from 'node:stream';

export type ObjectBytes = Uint8Array | AsyncIterable<Uint8Array>;
export type StoredObject = { bytes: number; sha256: string };
/**
 * Hash and type are kept with the object; a file has neither, nor has a hash what S3 took in parts
 * and is longer than 5 GiB.
 */
export type ObjectHead = { size: number; sha256?: string; contentType?: string };
/** What an answer to a signed URL says of the bytes. */
export type LinkOptions = {
  expiresInSeconds: number;
  contentType: string;
  contentDisposition: string;
};
/** `sha256`: of bytes that are at hand, where it is known already. */
export type PutOptions = { contentType: string; sha256?: string };
export type ListedObject = { key: string; size: number; modifiedAt: Date };
/** Bytes from `start` to `end`, both included, as in an HTTP Range. */
export type ByteRange = { start?: number; end?: number };

export const maxBufferedObjectBytes = 32 * 1024 * 1024;

export interface ObjectStore {
  readonly name: string;
  /** What whoever runs the store should know of it, in sentences; complete after `check`. */
  readonly remarks?: readonly string[];
  /**
   * Writes the object, whole or not at all: nobody sees it before the last byte has come. A key is
   * written once: where it exists already the object that is there stays (the same key means the
   * same bytes), and the answer describes what was given.
   *
   * A source that comes in chunks may be of any length. It is read as fast as it is written, so
   * that at most `maxBufferedObjectBytes` of it are held at a time (a driver of parts sends one while it
   * collects the next). What it throws comes through as it is, and then nothing stays behind, parts
   * included. Where the store itself fails, a source that was not read to its end is the caller's
   * to close.
   */
  put(key: string, bytes: ObjectBytes, options: PutOptions): Promise<StoredObject>;
  /**
   * null where there is no such object; `size` is the whole object's. Read the stream to its end or
   * destroy it.
   */
  get(key: string, range?: ByteRange): Promise<{ stream: Readable; size: number } | null>;
  head(key: string): Promise<ObjectHead | null>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Keys that start with `prefix`, in order, from the first one behind `after`. */
  list(prefix: string, options: { after?: string; limit: number }): Promise<ListedObject[]>;
  /**
   * A URL at which anybody can read the object (GET) for a while, whether it is there or not;
   * missing where the store has none.
   */
  signedUrl?(key: string, options: LinkOptions): Promise<string>;
  /**
   * Writes, reads and deletes a probe. Throws one sentence that says what is wrong with the store.
   */
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

const longestKey = 512;

/** The first segment that belongs to the drivers themselves: half-written files are kept there. */
export const reservedSegment = '.tmp';

/**
 * Every driver takes the same keys: segments of letters, digits, `.`, `_` and `-`, none of them a
 * way up. Throws for any other.
 */
export function parseObjectKey(key: string): string {
  const segments = key.length <= longestKey ? key.split('/') : [''];
  const isKey =
    segments[0] !== reservedSegment &&
    segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment));
  if (!isKey) throw new Error(`not an object key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}
