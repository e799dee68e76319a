/**
 * Faults of network stores: each has a sentence that says what to do, and a store that hangs is
 * abandoned.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { AzureBlobSettings, S3Settings } from '@kiln/shared/config/storage';
import { openAzureBlobStore } from '@kiln/shared/storage/azure-blob/azure-blob-store';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { openS3Store } from '@kiln/shared/storage/s3/s3-store';
import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { azuriteConnection } from '../../support/stores/azurite-server.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import {
  bucketInAzurite,
  bucketInS3,
  toSettings,
  useKeysOf,
} from '../../support/stores/object-stores.ts';
import { freePort, temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const png = { contentType: 'image/png' };
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const { s3, azuriteUrl } = inject('engines').stores;
const toS3 = (changes: Partial<S3Settings> = {}) => ({
  ...(toSettings(bucketInS3(s3).environment()) as S3Settings),
  ...changes,
});
const toAzure = (changes: Partial<AzureBlobSettings> = {}) => ({
  ...(toSettings(bucketInAzurite(azuriteUrl).environment()) as AzureBlobSettings),
  ...changes,
});
const connected = (connectionString: string) =>
  toAzure({ account: { kind: 'connection-string', connectionString } });

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that gives every request the same answer. */
const answering = (status: number, code: string, headers: Record<string, string> = {}) =>
  serve((request, response) => {
    request.resume();
    request.on('end', () =>
      response
        .writeHead(status, {
          'content-type': 'application/xml',
          'x-ms-error-code': code,
          ...headers,
        })
        .end(
          request.method === 'HEAD'
            ? ''
            : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`,
        ),
    );
  });

describe('S3', () => {
  const keys = { AWS_ACCESS_KEY_ID: s3.accessKey, AWS_SECRET_ACCESS_KEY: s3.secretKey };
  afterEach(() => {
    useKeysOf(keys);
  });

  const refusal = async (
    settings: S3Settings,
    env: Readonly<Record<string, string>> = {},
    answerMs = 15_000, // longer than it takes to try three times
  ) => {
    useKeysOf(env);
    const store = openS3Store(settings, { answerMs });
    const error: unknown = await store.check().then(
      () => null,
      (reason: unknown) => reason,
    );
    await store.close();
    return error;
  };

  test('a missing bucket is named, with what to do', async () => {
    const settings = toS3({ create: false });
    expect(await refusal(settings)).toMatchObject({
      code: 'storage_unavailable',
      message:
        `there is no bucket "${settings.bucket}" at ${settings.endpoint}: ` +
        'create it, or add create=1 to STORAGE_URL',
    });
  });

  test('an unknown access key is named', async () => {
    const settings = toS3();
    expect(await refusal(settings)).toBeNull(); // creates the bucket
    expect(await refusal(settings, { AWS_ACCESS_KEY_ID: 'nobody' })).toMatchObject({
      message: matching(/does not know the access key: check AWS_ACCESS_KEY_ID/),
    });
  });

  test('a refused connection and an unknown host have different messages', async () => {
    const port = await freePort();
    const at = (endpoint: string) => refusal(toS3({ endpoint, forcePathStyle: true }));
    expect(await at(`http://127.0.0.1:${port}`)).toMatchObject({
      message: matching(
        /^http:\/\/[\d.]+:\d+ cannot be reached for the bucket "[\w-]+": nothing listens there$/,
      ),
    });
    expect(await at('http://store.invalid')).toMatchObject({
      message: matching(/there is no such host|cannot be looked up/),
    });
  });

  test.each([
    [
      301,
      'PermanentRedirect',
      { 'x-amz-bucket-region': 'eu-north-1' },
      'storage_unavailable',
      /is in the region eu-north-1.*set region=eu-north-1/,
    ],
    [
      403,
      'AccessDenied',
      {},
      'storage_unavailable',
      /is not allowed to do this.*it must be allowed to read, write, delete and list objects/,
    ],
    [
      403,
      'SignatureDoesNotMatch',
      {},
      'storage_unavailable',
      /the secret key does not belong to the access key .* check AWS_SECRET_ACCESS_KEY/,
    ],
    [
      403,
      'ExpiredToken',
      {},
      'storage_unavailable',
      /have expired or are not valid \(ExpiredToken\)/,
    ],
    [403, 'RequestTimeTooSkewed', {}, 'storage_unavailable', /clock differs/],
    [400, 'KMS.NotFoundException', {}, 'storage_unavailable', /sse_kms_key_id/],
    [507, 'InsufficientStorage', {}, 'storage_full', /fails for the bucket/],
    [503, 'SlowDown', {}, 'storage_unavailable', /SlowDown/],
  ] as const)('%d %s', async (status, code, headers, expected, message) => {
    const endpoint = await answering(status, code, headers);
    expect(await refusal(toS3({ endpoint, create: false }))).toMatchObject({
      name: 'StorageError',
      code: expected,
      message: matching(message),
    });
  });

  test('a server that accepts a connection and never answers is abandoned', async () => {
    const endpoint = await serve(() => undefined);
    expect(await refusal(toS3({ endpoint }), {}, 1_000)).toMatchObject({
      message: matching(/it took too long|connection/),
    });
  });

  test('credentials that never arrive are abandoned', async () => {
    const settings = toS3();
    // The SDK asks a process that prints nothing and ends with this file.
    const { port } = new URL(await serve(() => undefined));
    const config = join(temporaryFolder('aws').path, 'config');
    writeFileSync(
      config,
      `[default]\ncredential_process = "${process.execPath}" -e "net.connect(${port})"\n`,
    );
    useKeysOf({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_CONFIG_FILE: config });
    onTestFinished(() => useKeysOf({ AWS_CONFIG_FILE: '' }));
    const store = openS3Store(settings, { answerMs: 1_000 });
    const link = { expiresInSeconds: 60, contentType: 'image/png', contentDisposition: 'inline' };
    for (const asking of [store.head('a'), store.signedUrl!('a', link)])
      await expect(asking).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: matching(/cannot be reached .*: it took too long/),
      });
  });

  test('silence and an early end in the middle of an object are errors', async () => {
    const endpoint = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('a start');
      if (request.url?.includes('cut') === true) setImmediate(() => response.destroy());
    });
    const store = openS3Store(toS3({ endpoint }), { answerMs: 500 });
    for (const [key, message] of [
      ['silent', /has sent nothing for 0\.5 s/],
      ['cut', /closed the connection|7 bytes of 100/],
    ] as const) {
      const found = await store.get(key);
      expect(found?.size).toBe(100);
      await expect(buffer(found!.stream)).rejects.toThrow(message);
    }
  });

  test('a slow reader is not abandoned', async () => {
    const answerMs = 2_000;
    const settings = toS3();
    const patient = openS3Store(settings);
    await patient.check();
    await patient.put('long', Buffer.alloc(4 * 1024 * 1024, 1), png);
    const found = await openS3Store(settings, { answerMs }).get('long');
    const from = performance.now();
    await waitFor(() => performance.now() - from > 2 * answerMs, {
      what: 'more than the store has to answer',
    });
    expect((await buffer(found!.stream)).length).toBe(4 * 1024 * 1024);
  });

  test('many slow readers do not block other requests', async () => {
    const endpoint = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      if (request.method === 'HEAD') response.end();
      else response.write('a start');
    });
    const store = openS3Store(toS3({ endpoint }), { answerMs: 5_000 });
    const objects = await Promise.all(
      Array.from({ length: 120 }, (_, index) => store.get(`long-${index}`)),
    );
    expect(await store.head('another')).toMatchObject({ size: 1_000_000 });
    for (const object of objects) object?.stream.destroy();
  });

  test('a list with an empty page is read to its end; a repeated page is an error', async () => {
    const pages: Record<string, string> = {
      '': page('', '<NextContinuationToken>one</NextContinuationToken>'),
      one: page(
        '<Contents><Key>a</Key></Contents>',
        '<NextContinuationToken>two</NextContinuationToken>',
      ),
      two: page('<Contents><Key>b</Key></Contents>', '', false),
    };
    const endpoint = await serve((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://store');
      const still = page('', '<NextContinuationToken>still</NextContinuationToken>');
      const token = searchParams.get('continuation-token') ?? '';
      response.end(searchParams.get('prefix') === 'files/' ? pages[token] : still);
    });
    const store = openS3Store(toS3({ endpoint }));
    expect((await store.list('files/', { limit: 10 })).map(({ key }) => key)).toEqual(['a', 'b']);
    await expect(store.list('still/', { limit: 10 })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'the store says that a list continues, but not where',
    });

    function page(contents: string, next: string, isTruncated = true): string {
      return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${contents}${next}</ListBucketResult>`;
    }
  });

  test('every kind of write asks for encryption', async () => {
    const seen: unknown[] = [];
    const endpoint = await serve((request, response) => {
      const {
        'x-amz-server-side-encryption': sse,
        'x-amz-server-side-encryption-aws-kms-key-id': key,
      } = request.headers;
      if (request.method === 'PUT' || request.url?.includes('uploads') === true)
        seen.push([sse, key]);
      request.resume();
      request.on('end', () => response.writeHead(404).end());
    });
    const settings = toS3({ endpoint, encryption: { algorithm: 'aws:kms', keyId: 'my-key' } });
    await openS3Store(settings)
      .put('a', Buffer.from('a'), png)
      .catch(() => null);
    expect(seen.length).toBeGreaterThan(0);
    for (const headers of seen) expect(headers).toEqual(['aws:kms', 'my-key']);
  });
});

describe('Azure Blob', () => {
  const refusal = async (
    settings: AzureBlobSettings,
    answerMs = 15_000, // longer than it takes to try three times
  ) => {
    const store = await openAzureBlobStore(settings, { answerMs });
    return store.check().then(
      () => null,
      (reason: unknown) => reason,
    );
  };

  test('a missing container is named, with what to do', async () => {
    const settings = toAzure({ create: false });
    expect(await refusal(settings)).toMatchObject({
      code: 'storage_unavailable',
      message:
        `there is no container "${settings.container}" in the storage account: ` +
        'create it, or add create=1 to STORAGE_URL',
    });
  });

  test('a wrong key is named', async () => {
    const wrong = azuriteConnection(azuriteUrl, Buffer.from('wrong').toString('base64'));
    expect(await refusal(connected(wrong))).toMatchObject({
      message: matching(/rejects the key or SAS of AZURE_STORAGE_CONNECTION_STRING/),
    });
  });

  test('a refused connection is named', async () => {
    const at = azuriteConnection(`http://127.0.0.1:${await freePort()}`);
    expect(await refusal(connected(at))).toMatchObject({
      message: matching(/cannot be reached: nothing listens there$/),
    });
  });

  test.each([
    [
      403,
      'AuthorizationPermissionMismatch',
      'storage_unavailable',
      /rejects the key or SAS .*\(AuthorizationPermissionMismatch\)/,
    ],
    [403, 'AccountIsDisabled', 'storage_unavailable', /is disabled/],
    [507, 'InsufficientStorage', 'storage_full', /fails for the container/],
  ] as const)('%d %s', async (status, code, expected, message) => {
    const at = azuriteConnection(await answering(status, code));
    expect(await refusal(connected(at))).toMatchObject({
      name: 'StorageError',
      code: expected,
      message: matching(message),
    });
  });

  test('a server that accepts a connection and never answers is abandoned', async () => {
    const at = azuriteConnection(await serve(() => undefined));
    expect(await refusal(connected(at), 1_000)).toMatchObject({
      message: matching(/it took too long/),
    });
  });
});

describe.each([
  [
    'S3',
    (endpoint: string) => openS3Store(toS3({ endpoint }), { answerMs: 1_000, readerMs: 3_000 }),
  ],
  [
    'Azure',
    (endpoint: string) =>
      openAzureBlobStore(connected(azuriteConnection(endpoint)), {
        answerMs: 1_000,
        readerMs: 3_000,
      }),
  ],
] as const)('%s: a reader', (_name, open) => {
  test('that reads nothing for long is abandoned, and its connection is released', async () => {
    let isFree = false;
    const endpoint = await serve((_request, response) => {
      response.on('close', () => (isFree = true));
      response
        .writeHead(200, { 'content-length': '10000000', etag: '"1"' })
        .write(Buffer.alloc(1_000_000));
    });
    const store = await open(endpoint);
    const found = await store.get('long');
    await waitFor(() => isFree, { what: 'the connection to be closed' });
    await expect(buffer(found!.stream)).rejects.toThrow(/its reader read nothing for 3 s/);
  });
});

test.each([
  ['S3', () => toSettings(bucketInS3(s3).environment())],
  ['Azure', () => toSettings(bucketInAzurite(azuriteUrl).environment())],
])('%s: a store with a prefix sees nothing else of the bucket', async (_name, settings) => {
  const whole = settings();
  const open = (prefix: string) =>
    openObjectStore(whole.kind === 'file' ? whole : { ...whole, prefix });
  const [root, below] = [await open(''), await open('kiln/main/')];
  await root.check();
  await below.check();
  await root.put('kiln/other', Buffer.from('x'), png);
  for (const key of ['images/a', 'images/b']) await below.put(key, Buffer.from(key), png);
  const keys = async (after?: string) =>
    (await below.list('', { limit: 10, ...(after !== undefined && { after }) })).map(
      ({ key }) => key,
    );
  expect(await keys()).toEqual(['images/a', 'images/b']);
  expect(await keys('images/a')).toEqual(['images/b']);
  expect(await root.head('kiln/main/images/a')).toMatchObject({
    size: 8,
    contentType: 'image/png',
  });
  await below.delete('images/a');
  expect(await keys()).toEqual(['images/b']);
});
