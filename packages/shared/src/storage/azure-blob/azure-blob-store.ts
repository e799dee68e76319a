/**
 * The driver for Azure Blob Storage: objects are block blobs in a container. Keys are written once
 * with conditional writes, which Azure always supports. The blocks of an unfinished upload form no
 * blob and are not listed; Azure discards them after a week.
 */
import {
  BlobServiceClient,
  type BlobGetPropertiesResponse,
  type ContainerClient,
  type StoragePipelineOptions,
} from '@azure/storage-blob';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { noProxies, type Proxies } from '../../config/proxies.ts';
import type { AzureBlobSettings } from '../../config/storage.ts';
import { createAzureCredential } from '../../network/azure-credential.ts';
import { createHttpAgent, createHttpsAgent } from '../../network/sdk-agents.ts';
import { createAzureSend, isAzureError, type AzureSend } from './azure-blob-requests.ts';
import { createAzureLinks } from './azure-blob-links.ts';
import {
  parseObjectKey,
  type ListedObject,
  type ObjectHead,
  type ObjectStore,
} from '../object-store.ts';
import { probeStore } from '../probe-store.ts';
import { putInParts, type Upload } from '../put-in-parts.ts';
import {
  dropIfLate,
  toStoredStream,
  defaultTimeouts,
  type StoreTimeouts,
} from '../store-requests.ts';

/** Most blobs in one page of a listing. */
const pageSize = 5_000;
const unlessThere = { conditions: { ifNoneMatch: '*' } };
const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 };

export async function openAzureBlobStore(
  settings: AzureBlobSettings,
  given: Partial<StoreTimeouts> = {},
  proxies: Proxies = noProxies,
): Promise<ObjectStore> {
  const timeouts = { ...defaultTimeouts, ...given };
  const service = await openService(settings, proxies);
  const container = service.getContainerClient(settings.container);
  const send = createAzureSend(settings, timeouts);
  const blobOf = (key: string) =>
    container.getBlockBlobClient(settings.prefix + parseObjectKey(key));

  /** Runs a conditional write. An existing blob stays, which is no error. */
  async function writeOnce(write: Promise<unknown>): Promise<void> {
    await write.catch((error: unknown) => {
      if (!isAzureError(error, 'BlobAlreadyExists', 'ConditionNotMet')) throw error;
    });
  }

  function uploadTo(key: string, contentType: string): Upload {
    const blob = blobOf(key);
    const described = (sha256: string) => ({
      ...unlessThere,
      metadata: { sha256 },
      blobHTTPHeaders: { blobContentType: contentType },
    });
    return {
      putWhole: (bytes, sha256) =>
        writeOnce(
          send(
            (abortSignal) =>
              blob.upload(bytes, bytes.length, { ...described(sha256), abortSignal }),
            bytes.length,
          ),
        ),
      async begin() {
        // Block ids are unique to this writer, because another one may be sending blocks of the
        // same blob. All block ids of a blob must have the same length.
        const writer = randomUUID();
        const ids: string[] = [];
        return {
          async sendPart(part, number) {
            const id = Buffer.from(`${writer}-${String(number).padStart(6, '0')}`).toString(
              'base64',
            );
            await send(
              (abortSignal) => blob.stageBlock(id, part, part.length, { abortSignal }),
              part.length,
            );
            ids.push(id);
          },
          complete: ({ sha256 }) =>
            writeOnce(
              send((abortSignal) =>
                blob.commitBlockList(ids, { ...described(sha256), abortSignal }),
              ),
            ),
          abort: () => Promise.resolve(),
        };
      },
    };
  }

  async function head(key: string): Promise<ObjectHead | null> {
    const blob = blobOf(key);
    try {
      return toHead(await send((abortSignal) => blob.getProperties({ abortSignal })));
    } catch (error) {
      if (isAzureError(error, 'BlobNotFound')) return null;
      throw error;
    }
  }

  const { container: name, prefix } = settings;
  const path = prefix === '' ? name : `${name}/${prefix}`;
  const signedUrl = createAzureLinks({ settings, service, send });
  const store: ObjectStore = {
    name: `azblob://${path} at ${new URL(service.url).host}`,
    put: async (key, bytes, { contentType, ...known }) =>
      putInParts(bytes, uploadTo(key, contentType), known),
    async get(key, { start = 0, end } = {}) {
      const blob = blobOf(key);
      const count = end === undefined ? undefined : end - start + 1;
      try {
        const found = await send(async (abortSignal) => {
          const answer = await blob.download(start, count, { abortSignal });
          dropIfLate(answer.readableStreamBody as Readable, abortSignal);
          return answer;
        });
        const length = found.contentLength ?? 0;
        const size = Number(/\/(\d+)$/.exec(found.contentRange ?? '')?.[1] ?? length);
        return {
          stream: toStoredStream(found.readableStreamBody as Readable, { length, timeouts }),
          size,
        };
      } catch (error) {
        if (isAzureError(error, 'BlobNotFound')) return null;
        if (!isAzureError(error, 'InvalidRange')) throw error;
        const found = await head(key);
        return found && { stream: Readable.from([]), size: found.size };
      }
    },
    head,
    async delete(key) {
      const blob = blobOf(key);
      await send((abortSignal) => blob.deleteIfExists({ deleteSnapshots: 'include', abortSignal }));
    },
    list: (under, { after = '', limit }) =>
      listBlobs(container, send, { prefix: settings.prefix, under, after, limit }),
    ...(signedUrl !== null && { signedUrl: async (key, link) => signedUrl(blobOf(key), link) }),
    async check() {
      if (settings.create)
        await send((abortSignal) => container.createIfNotExists({ abortSignal }));
      await probeStore(store);
    },
    close: () => Promise.resolve(),
  };
  return store;
}

async function openService(
  { account }: AzureBlobSettings,
  proxies: Proxies,
): Promise<BlobServiceClient> {
  const options = (url: URL): StoragePipelineOptions => {
    const connections = { keepAlive: true };
    const agent =
      url.protocol === 'https:'
        ? createHttpsAgent(proxies, connections)
        : createHttpAgent(proxies, url, connections);
    // The SDK passes `agent` on to its pipeline, but its type does not have it.
    return Object.assign({ retryOptions }, { agent });
  };
  if (account.kind === 'connection-string') {
    const { url } = BlobServiceClient.fromConnectionString(account.connectionString);
    return BlobServiceClient.fromConnectionString(account.connectionString, options(new URL(url)));
  }
  const url = new URL(account.url);
  const credential = await createAzureCredential(authorityOf(url), proxies);
  return new BlobServiceClient(account.url, credential, options(url));
}

/** Where a national cloud's tokens come from; null: the public cloud, or `AZURE_AUTHORITY_HOST`. */
function authorityOf({ hostname }: URL): string | null {
  if (hostname.endsWith('.usgovcloudapi.net')) return 'https://login.microsoftonline.us';
  return hostname.endsWith('.chinacloudapi.cn') ? 'https://login.chinacloudapi.cn' : null;
}

function toHead({
  contentLength = 0,
  metadata,
  contentType,
}: BlobGetPropertiesResponse): ObjectHead {
  const sha256 = metadata?.['sha256'];
  return {
    size: contentLength,
    ...(sha256 !== undefined && { sha256 }),
    ...(contentType !== undefined && { contentType }),
  };
}

/**
 * Lists blobs after a key. A service that does not support `startFrom` lists from the beginning, so
 * keys before `after` are filtered out here.
 */
async function listBlobs(
  container: ContainerClient,
  send: AzureSend,
  { prefix, under, after, limit }: { prefix: string; under: string; after: string; limit: number },
): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  const from = after === '' ? {} : { startFrom: prefix + after };
  let continuationToken: string | undefined;
  do {
    const at = {
      maxPageSize: Math.min(pageSize, limit + 1),
      ...(continuationToken !== undefined && { continuationToken }),
    };
    const page = await send((abortSignal) =>
      container
        .listBlobsFlat({ prefix: prefix + under, abortSignal, ...from })
        .byPage(at)
        .next(),
    );
    if (page.done === true) break;
    for (const { name, properties } of page.value.segment.blobItems) {
      const key = name.slice(prefix.length);
      if (key > after)
        objects.push({
          key,
          size: properties.contentLength ?? 0,
          modifiedAt: properties.lastModified,
        });
    }
    continuationToken = page.value.continuationToken;
  } while (objects.length < limit && continuationToken !== undefined && continuationToken !== '');
  return objects.slice(0, limit);
}
