/**
 * Parses `STORAGE_URL` and the variables that belong to it: which object store is used, and how to
 * reach it. All mistakes are reported at once, each with the value received and the values allowed.
 * Keys of a store are never part of the URL: its SDK finds them. Used by `config.ts` and by
 * `scripts/migrate-store.ts`.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type S3Encryption = { algorithm: 'AES256' } | { algorithm: 'aws:kms'; keyId: string | null };

export interface S3Settings {
  kind: 's3';
  bucket: string;
  /** Precedes every key and ends with a slash; empty: the whole bucket belongs to Kiln. */
  prefix: string;
  /** null: AWS, at the standard address of the region. */
  endpoint: string | null;
  /** null: the SDK finds the region itself (`AWS_REGION`, a profile). */
  region: string | null;
  forcePathStyle: boolean;
  create: boolean;
  encryption: S3Encryption | null;
}

export interface AzureBlobSettings {
  kind: 'azblob';
  container: string;
  prefix: string;
  create: boolean;
  account:
    | { kind: 'connection-string'; connectionString: string }
    | { kind: 'identity'; url: string };
}

export type StorageSettings = { kind: 'file'; folder: string } | S3Settings | AzureBlobSettings;

export interface StorageEnvironment {
  STORAGE_URL: string;
  AZURE_STORAGE_CONNECTION_STRING?: string | undefined;
  AZURE_STORAGE_ACCOUNT?: string | undefined;
}

const urlForms = 'file:<folder>, s3://<bucket> or azblob://<container>';

/** Adds a sentence to `problems` for each mistake; returns null only when there was one. */
export function readStorage(env: StorageEnvironment, problems: string[]): StorageSettings | null {
  const [scheme, rest = ''] = env.STORAGE_URL.split(/:(.*)/s);
  const mistakes: string[] = [];
  const settings = readScheme(scheme ?? '', rest, env, mistakes);
  problems.push(...mistakes.map((problem) => `STORAGE_URL ${problem}`));
  return mistakes.length > 0 ? null : settings;
}

function readScheme(
  scheme: string,
  rest: string,
  env: StorageEnvironment,
  mistakes: string[],
): StorageSettings | null {
  if (scheme === 'file' && rest !== '') return readFolder(env.STORAGE_URL, rest, mistakes);
  if (scheme !== 's3' && scheme !== 'azblob') {
    mistakes.push(`must be ${urlForms}, as in file:.data/objects`);
    return null;
  }
  const url = URL.canParse(env.STORAGE_URL) ? new URL(env.STORAGE_URL) : null;
  if (url === null || !rest.startsWith('//') || url.hash !== '' || url.port !== '') {
    mistakes.push(`must be ${urlForms}, with parameters behind a question mark`);
    return null;
  }
  if (url.username !== '' || url.password !== '') {
    mistakes.push(
      `must not contain a key: leave it out, the SDK for ${scheme}:// finds keys by itself`,
    );
    return null;
  }
  return scheme === 's3' ? readS3(url, mistakes) : readAzureBlob(url, env, mistakes);
}

/** `file:///a/b` is decoded as a URL; `file:a/b`, without the slashes, is a plain path. */
function readFolder(url: string, path: string, mistakes: string[]): StorageSettings | null {
  if (!path.startsWith('//')) return { kind: 'file', folder: resolve(path) };
  try {
    return { kind: 'file', folder: fileURLToPath(url) };
  } catch {
    mistakes.push('must be file:<folder> or file:///<folder>, without a host');
    return null;
  }
}

function readS3(url: URL, mistakes: string[]): S3Settings {
  const read = parametersOf(url, mistakes, [
    'endpoint',
    'region',
    'force_path_style',
    'create',
    'sse',
    'sse_kms_key_id',
  ]);
  const endpoint = read('endpoint', isHttpUrl, 'a URL that starts with http:// or https://');
  const sse = read(
    'sse',
    (value) => value === 'AES256' || value === 'aws:kms',
    'AES256 or aws:kms',
  );
  const keyId = read('sse_kms_key_id', (value) => value.length > 0, 'the id or ARN of a KMS key');
  if (keyId !== null && sse !== 'aws:kms')
    mistakes.push('has sse_kms_key_id, which needs sse=aws:kms');
  const pathStyle = read('force_path_style', isSwitch, '0 or 1');
  return {
    kind: 's3',
    bucket: readBucket(url.hostname, mistakes),
    prefix: readPrefix(url, mistakes),
    endpoint,
    region: read('region', (value) => /^[a-z0-9-]{1,40}$/i.test(value), 'a name such as eu-west-1'),
    // Self-hosted servers seldom have a host name for every bucket.
    forcePathStyle: pathStyle === null ? endpoint !== null : pathStyle === '1',
    create: read('create', isSwitch, '0 or 1') === '1',
    encryption:
      sse === null ? null : sse === 'AES256' ? { algorithm: sse } : { algorithm: 'aws:kms', keyId },
  };
}

function readBucket(bucket: string, mistakes: string[]): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    mistakes.push(
      `names the bucket "${bucket}": a bucket name has 3 to 63 characters of a-z, 0-9, "." and "-"`,
    );
  else if (bucket.endsWith('--x-s3'))
    mistakes.push(
      `names "${bucket}", a directory bucket, which lists objects in no order: use a ` +
        'general-purpose bucket',
    );
  return bucket;
}

function readAzureBlob(url: URL, env: StorageEnvironment, mistakes: string[]): AzureBlobSettings {
  const read = parametersOf(url, mistakes, ['account', 'create']);
  const container = url.hostname;
  if (!/^[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(container) || container.length > 63)
    mistakes.push(
      `names the container "${container}": a container name has 3 to 63 characters of a-z, 0-9 ` +
        'and single "-"',
    );
  return {
    kind: 'azblob',
    container,
    prefix: readPrefix(url, mistakes),
    create: read('create', isSwitch, '0 or 1') === '1',
    account: readAccount(read('account', isAccount, accountForm), env, mistakes),
  };
}

const accountForm = "a storage account's name (3 to 24 of a-z and 0-9) or its https:// address";

function readAccount(
  parameter: string | null,
  env: StorageEnvironment,
  mistakes: string[],
): AzureBlobSettings['account'] {
  const connectionString = env.AZURE_STORAGE_CONNECTION_STRING;
  if (parameter === null && connectionString !== undefined) {
    if (!isConnectionString(connectionString))
      mistakes.push(
        'starts with azblob:, but AZURE_STORAGE_CONNECTION_STRING is no connection string: it ' +
          'must contain AccountName and AccountKey, or BlobEndpoint and SharedAccessSignature',
      );
    return { kind: 'connection-string', connectionString };
  }
  const account = parameter ?? env.AZURE_STORAGE_ACCOUNT;
  if (account === undefined)
    mistakes.push(
      'starts with azblob:, but neither AZURE_STORAGE_CONNECTION_STRING nor ' +
        'AZURE_STORAGE_ACCOUNT is set',
    );
  else if (!isAccount(account))
    mistakes.push(
      `starts with azblob:, but AZURE_STORAGE_ACCOUNT is "${account}"; allowed: ${accountForm}`,
    );
  const url = account?.includes('://') ? account : `https://${account}.blob.core.windows.net`;
  return { kind: 'identity', url: url.replace(/\/+$/, '') };
}

function isConnectionString(text: string): boolean {
  const has = (name: string) => new RegExp(`(?:^|;)\\s*${name}=[^;]`, 'i').test(text);
  return (
    /^UseDevelopmentStorage=true;?$/i.test(text) ||
    (has('AccountName') && has('AccountKey')) ||
    (has('BlobEndpoint') && has('SharedAccessSignature'))
  );
}

function readPrefix({ pathname }: URL, mistakes: string[]): string {
  const path = pathname.replace(/^\/|\/$/g, '');
  if (path === '') return '';
  const isKey = path
    .split('/')
    .every((part) => /^[A-Za-z0-9._-]+$/.test(part) && !/^\.\.?$/.test(part));
  if (!isKey || path.length > 200)
    mistakes.push(
      `has the prefix "${path.slice(0, 100)}": a prefix has at most 200 letters, digits, ".", ` +
        '"_", "-" and "/"',
    );
  return `${path}/`;
}

/** Returns a reader of parameters by name. Unknown and repeated parameters are mistakes. */
function parametersOf(
  { protocol, searchParams }: URL,
  mistakes: string[],
  names: readonly string[],
) {
  for (const name of new Set(searchParams.keys())) {
    if (!names.includes(name))
      mistakes.push(
        `has the parameter "${name}", which ${protocol}// does not have; allowed: ` +
          names.join(', '),
      );
    else if (searchParams.getAll(name).length > 1)
      mistakes.push(`has the parameter ${name} more than once`);
  }
  return (name: string, isAllowed: (value: string) => boolean, allowed: string): string | null => {
    const value = searchParams.get(name);
    if (value !== null && !isAllowed(value))
      mistakes.push(`has ${name}="${value}"; allowed: ${allowed}`);
    return value;
  };
}

function isSwitch(value: string): boolean {
  return value === '0' || value === '1';
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function isAccount(value: string): boolean {
  return /^[a-z0-9]{3,24}$/.test(value) || (isHttpUrl(value) && value.startsWith('https:'));
}
