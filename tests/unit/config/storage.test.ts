/**
 * `STORAGE_URL`: the store that it names, and every mistake with the value received and those
 * allowed.
 */
import { resolve } from 'node:path';
import { readStorage, type StorageEnvironment } from '@kiln/shared/config/storage';
import { describe, expect, test } from 'vitest';
import { base, problemsOf } from './environments.ts';

const account = { AZURE_STORAGE_ACCOUNT: 'mystore' };
const connection = {
  AZURE_STORAGE_CONNECTION_STRING:
    'DefaultEndpointsProtocol=https;AccountName=mystore;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
};

function read(STORAGE_URL: string, env: Omit<StorageEnvironment, 'STORAGE_URL'> = {}) {
  const problems: string[] = [];
  return { settings: readStorage({ STORAGE_URL, ...env }, problems), problems };
}

test.each([
  ['file:.data/objects', resolve('.data/objects')],
  ['file:/data', '/data'],
  ['file:///with%20space', '/with space'],
])('%s is a folder', (url, folder) => {
  expect(read(url)).toEqual({ settings: { kind: 'file', folder }, problems: [] });
});

describe('s3:', () => {
  const plain = {
    kind: 's3',
    bucket: 'my.bucket-1',
    prefix: '',
    endpoint: null,
    region: null,
    forcePathStyle: false,
    create: false,
    encryption: null,
  };

  test.each([
    ['s3://my.bucket-1', {}],
    ['s3://my.bucket-1/', {}],
    ['s3://my.bucket-1/kiln/main/', { prefix: 'kiln/main/' }],
    ['s3://my.bucket-1?region=eu-west-1&create=1', { region: 'eu-west-1', create: true }],
    [
      's3://my.bucket-1?endpoint=http://127.0.0.1:9000',
      { endpoint: 'http://127.0.0.1:9000', forcePathStyle: true },
    ],
    [
      's3://my.bucket-1?endpoint=https://s3.example&force_path_style=0',
      { endpoint: 'https://s3.example' },
    ],
    ['s3://my.bucket-1?force_path_style=1', { forcePathStyle: true }],
    ['s3://my.bucket-1?sse=AES256', { encryption: { algorithm: 'AES256' } }],
    ['s3://my.bucket-1?sse=aws:kms', { encryption: { algorithm: 'aws:kms', keyId: null } }],
    [
      's3://my.bucket-1?sse=aws:kms&sse_kms_key_id=k',
      { encryption: { algorithm: 'aws:kms', keyId: 'k' } },
    ],
  ])('%s', (url, differences) => {
    expect(read(url)).toEqual({ settings: { ...plain, ...differences }, problems: [] });
  });
});

describe('azblob:', () => {
  test.each([
    [
      'azblob://pictures',
      connection,
      { kind: 'connection-string', connectionString: connection.AZURE_STORAGE_CONNECTION_STRING },
    ],
    [
      'azblob://pictures',
      account,
      { kind: 'identity', url: 'https://mystore.blob.core.windows.net' },
    ],
    [
      'azblob://pictures',
      { AZURE_STORAGE_ACCOUNT: 'https://mystore.blob.core.chinacloudapi.cn/' },
      { kind: 'identity', url: 'https://mystore.blob.core.chinacloudapi.cn' },
    ],
    [
      'azblob://pictures?account=other',
      { ...connection, ...account },
      { kind: 'identity', url: 'https://other.blob.core.windows.net' },
    ],
  ])('%s', (url, env, expected) => {
    const { settings, problems } = read(url, env);
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      kind: 'azblob',
      container: 'pictures',
      prefix: '',
      create: false,
      account: expected,
    });
  });
});

test.each<[string, object, string]>([
  [
    '.data/objects',
    {},
    'STORAGE_URL must be file:<folder>, s3://<bucket> or azblob://<container>, as in ' +
      'file:.data/objects',
  ],
  ['file:', {}, 'STORAGE_URL must be file:<folder>'],
  ['gs://bucket', {}, 'STORAGE_URL must be file:<folder>'],
  [
    'file://host/objects',
    {},
    'STORAGE_URL must be file:<folder> or file:///<folder>, without a host',
  ],
  ['s3:bucket', {}, 'STORAGE_URL must be file:<folder>'],
  [
    's3://key:secret@bucket',
    {},
    'STORAGE_URL must not contain a key: leave it out, the SDK for s3:// finds keys by itself',
  ],
  [
    's3://My_Bucket',
    {},
    'STORAGE_URL names the bucket "My_Bucket": a bucket name has 3 to 63 characters of a-z, ' +
      '0-9, "." and "-"',
  ],
  ['s3://fast--use1-az4--x-s3', {}, 'a directory bucket, which lists objects in no order'],
  ['s3://bucket/a%20b', {}, 'STORAGE_URL has the prefix "a%20b"'],
  [
    's3://bucket?regoin=x',
    {},
    'STORAGE_URL has the parameter "regoin", which s3:// does not have; allowed: endpoint, ' +
      'region, force_path_style, create, sse, sse_kms_key_id',
  ],
  ['s3://bucket?region=x&region=y', {}, 'STORAGE_URL has the parameter region more than once'],
  [
    's3://bucket?endpoint=minio:9000',
    {},
    'STORAGE_URL has endpoint="minio:9000"; allowed: a URL that starts with http:// or https://',
  ],
  ['s3://bucket?create=yes', {}, 'STORAGE_URL has create="yes"; allowed: 0 or 1'],
  ['s3://bucket?sse=aes256', {}, 'STORAGE_URL has sse="aes256"; allowed: AES256 or aws:kms'],
  [
    's3://bucket?sse=AES256&sse_kms_key_id=k',
    {},
    'STORAGE_URL has sse_kms_key_id, which needs sse=aws:kms',
  ],
  [
    'azblob://pictures',
    {},
    'neither AZURE_STORAGE_CONNECTION_STRING nor AZURE_STORAGE_ACCOUNT is set',
  ],
  [
    'azblob://a--b',
    account,
    'STORAGE_URL names the container "a--b": a container name has 3 to 63 characters of a-z, ' +
      '0-9 and single "-"',
  ],
  [
    'azblob://pictures?region=x',
    account,
    'STORAGE_URL has the parameter "region", which azblob:// does not have; allowed: account, ' +
      'create',
  ],
  [
    'azblob://pictures',
    { AZURE_STORAGE_ACCOUNT: 'My Store' },
    'AZURE_STORAGE_ACCOUNT is "My Store"',
  ],
  [
    'azblob://pictures',
    { AZURE_STORAGE_CONNECTION_STRING: 'AccountName=x' },
    'AZURE_STORAGE_CONNECTION_STRING is no connection string',
  ],
])('%s is refused', (url, env, sentence) => {
  const { settings, problems } = read(url, env);
  expect(settings).toBeNull();
  expect(problems.join('\n')).toContain(sentence);
});

test('all mistakes are reported at once with those of other variables, without keys', () => {
  const problems = problemsOf({
    ...base,
    PORT: 'x',
    STORAGE_URL: 's3://b?regoin=x&create=2',
    AZURE_STORAGE_CONNECTION_STRING: 'c2VjcmV0',
  });
  expect(problems).toHaveLength(4);
  expect(problems.join('\n')).not.toContain('c2VjcmV0');
});
