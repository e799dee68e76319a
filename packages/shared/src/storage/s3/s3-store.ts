/**
 * The driver for S3 and compatible servers. Keys are written once: with conditional writes where
 * the server supports them, otherwise by looking first, with one writer per key at a time in this
 * process (docs/adr/0009-object-stores.md). Signed URLs, time limits and error sentences are
 * included; the contract is `object-store.ts`.
 */
import * as sdk from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { noProxies, type Proxies } from '../../config/proxies.ts';
import type { S3Settings } from '../../config/storage.ts';
import {
  parseObjectKey,
  StorageError,
  type ListedObject,
  type ObjectHead,
  type ObjectStore,
} from '../object-store.ts';
import { probeStore } from '../probe-store.ts';
import { putInParts } from '../put-in-parts.ts';
import { createS3Requests, isS3Error } from './s3-requests.ts';
import { createS3Uploads } from './s3-uploads.ts';
import {
  dropIfLate,
  toStoredStream,
  defaultTimeouts,
  type StoreTimeouts,
} from '../store-requests.ts';

/** Most objects in one page of a listing. */
const pageSize = 1_000;

export function openS3Store(
  settings: S3Settings,
  given: Partial<StoreTimeouts> = {},
  proxies: Proxies = noProxies,
): ObjectStore {
  const { bucket, prefix } = settings;
  const timeouts = { ...defaultTimeouts, ...given };
  const requests = createS3Requests(settings, timeouts, proxies);
  const { send, client, name } = requests;
  const remarks: string[] = [];
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + parseObjectKey(key) });
  const uploads = createS3Uploads(
    settings,
    requests,
    timeouts,
    async (where) => (await headOf(where)) !== null,
  );

  async function headOf(where: { Bucket: string; Key: string }): Promise<ObjectHead | null> {
    try {
      const found = await send((options) => client.send(new sdk.HeadObjectCommand(where), options));
      return {
        size: found.ContentLength ?? 0,
        ...(found.Metadata?.['sha256'] !== undefined && { sha256: found.Metadata['sha256'] }),
        ...(found.ContentType !== undefined && { contentType: found.ContentType }),
      };
    } catch (error) {
      if (isS3Error(error, 'NotFound', 'NoSuchKey')) return null;
      throw error;
    }
  }

  const store: ObjectStore = {
    name,
    remarks,
    async put(key, bytes, { contentType, ...known }) {
      const where = at(key);
      return putInParts(bytes, uploads.to(where, contentType), known);
    },
    async get(key, { start = 0, end } = {}) {
      const where = at(key);
      const range =
        start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end ?? ''}` };
      try {
        const found = await send(async (options) => {
          const answer = await client.send(
            new sdk.GetObjectCommand({ ...where, ...range }),
            options,
          );
          dropIfLate(answer.Body as Readable, options.abortSignal);
          return answer;
        });
        const length = found.ContentLength ?? 0;
        const size = Number(/\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? length);
        return { stream: toStoredStream(found.Body as Readable, { length, timeouts }), size };
      } catch (error) {
        if (isS3Error(error, 'NoSuchKey', 'NotFound')) return null;
        if (!isS3Error(error, 'InvalidRange')) throw error;
        const found = await headOf(where);
        return found && { stream: Readable.from([]), size: found.size };
      }
    },
    head: async (key) => headOf(at(key)),
    async delete(key) {
      const where = at(key);
      await send((options) => client.send(new sdk.DeleteObjectCommand(where), options));
    },
    async list(under, { after = '', limit }) {
      const objects: ListedObject[] = [];
      let position: ListPosition = after === '' ? {} : { StartAfter: prefix + after };
      while (objects.length < limit) {
        const command = new sdk.ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix + under,
          MaxKeys: Math.min(pageSize, limit - objects.length),
          ...position,
        });
        const page = await send((options) => client.send(command, options));
        for (const { Key = '', Size = 0, LastModified = new Date() } of page.Contents ?? [])
          objects.push({ key: Key.slice(prefix.length), size: Size, modifiedAt: LastModified });
        if (page.IsTruncated !== true) break;
        position = positionAfter(page, position);
      }
      return objects;
    },
    async signedUrl(key, { expiresInSeconds, contentType, contentDisposition }) {
      const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
      const command = new sdk.GetObjectCommand({
        ...at(key),
        ResponseContentType: contentType,
        ResponseContentDisposition: contentDisposition,
      });
      return send(() => getSignedUrl(client, command, { expiresIn: expiresInSeconds }));
    },
    async check() {
      if (settings.create) await uploads.createBucket();
      await probeStore(store);
      if (!(await uploads.isConditional()) && remarks.length === 0)
        remarks.push(
          'the server does not support conditional writes: each key is looked up before it is ' +
            'written, and when two processes write the same key at once, the last one wins',
        );
    },
    close: async () => client.destroy(),
  };
  return store;
}

/** Where the next page of a listing starts. */
type ListPosition = { StartAfter?: string; ContinuationToken?: string };

/**
 * The position after a page, which may be empty without being the last. Throws when the server does
 * not say how to continue after `position`.
 */
function positionAfter(page: sdk.ListObjectsV2CommandOutput, position: ListPosition): ListPosition {
  const { NextContinuationToken: token, Contents: contents = [] } = page;
  if (token !== undefined && token !== position.ContinuationToken)
    return { ContinuationToken: token };
  const last = contents.at(-1)?.Key;
  if (last !== undefined && last !== position.StartAfter) return { StartAfter: last };
  throw new StorageError(
    'storage_unavailable',
    'the store says that a list continues, but not where',
  );
}
