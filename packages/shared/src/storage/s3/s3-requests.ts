/**
 * The S3 client with its timeouts and retries, and its errors as one sentence that says what to
 * change. The SDK's own error stays the `cause`. Used by the store and by the uploads.
 */
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Proxies } from '../../config/proxies.ts';
import type { S3Settings } from '../../config/storage.ts';
import { createHttpAgent, createHttpsAgent } from '../../network/sdk-agents.ts';
import { networkReason } from '../network-faults.ts';
import { StorageError } from '../object-store.ts';
import { inTime, type StoreTimeouts } from '../store-requests.ts';

export interface S3Requests {
  client: S3Client;
  /** Names the bucket and its server in messages. */
  name: string;
  /**
   * Throws a `StorageError` whose cause is the SDK's error.
   * @param timeouts the size of the request's body, and a time limit other than the usual one
   */
  send<T>(
    request: (options: { abortSignal: AbortSignal }) => Promise<T>,
    timeouts?: { bytes?: number; answerMs?: number },
  ): Promise<T>;
}

const connectMs = 5_000;
/**
 * Every reader of an object occupies a connection while it reads. Requests beyond this number wait
 * and fail like those to a store that is down.
 */
const maxConnections = 1_000;
const connections = { keepAlive: true, maxSockets: maxConnections };
const tries = 3;

export function createS3Requests(
  settings: S3Settings,
  { answerMs }: StoreTimeouts,
  proxies: Proxies,
): S3Requests {
  const region = settings.region ?? (settings.endpoint === null ? null : 'us-east-1');
  const client = new S3Client({
    maxAttempts: tries,
    forcePathStyle: settings.forcePathStyle,
    ...(settings.endpoint !== null && { endpoint: settings.endpoint }),
    ...(region !== null && { region }),
    // Bodies have a known length and are signed with their SHA-256, because other servers do not
    // support a checksum that trails a chunked body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      // No socket timeout: a slow reader is not a store that hangs (store-requests.ts).
      socketTimeout: 0,
      // Without an endpoint, requests go to AWS by https.
      httpAgent: createHttpAgent(proxies, new URL(settings.endpoint ?? 'http://aws'), connections),
      httpsAgent: createHttpsAgent(proxies, connections),
    },
  });
  return {
    client,
    name: nameOf(settings, region),
    async send(request, { bytes = 0, ...given } = {}) {
      try {
        return await inTime({ answerMs, ...given, bytes }, (abortSignal) =>
          request({ abortSignal }),
        );
      } catch (error) {
        throw toStorageError(error, settings);
      }
    },
  };
}

function nameOf({ bucket, prefix, endpoint }: S3Settings, region: string | null): string {
  const path = prefix === '' ? bucket : `${bucket}/${prefix}`;
  return `s3://${path} at ${endpoint ?? `AWS${region === null ? '' : ` in ${region}`}`}`;
}

/** Whether the server answered with one of these codes. */
export function isS3Error(error: unknown, ...codes: readonly string[]): boolean {
  const cause = error instanceof StorageError ? error.cause : error;
  return cause instanceof Error && codes.includes(cause.name);
}

function toStorageError(error: unknown, settings: S3Settings): StorageError {
  const isFull = isS3Error(
    error,
    'InsufficientStorage',
    'QuotaExceeded',
    'StorageFull',
    'XMinioStorageFull',
  );
  const code = isFull || statusOf(error) === 507 ? 'storage_full' : 'storage_unavailable';
  return new StorageError(code, describe(error, settings), { cause: error });
}

function describe(error: unknown, settings: S3Settings): string {
  const { bucket, endpoint } = settings;
  const name = error instanceof Error ? error.name : '';
  const where = `the bucket "${bucket}"`;
  const region = regionOf(error);
  if (region !== null)
    return (
      `${where} is in the region ${region}, but was requested in another: ` +
      `set region=${region} in STORAGE_URL`
    );
  switch (name) {
    case 'NoSuchBucket':
      return (
        `there is no bucket "${bucket}"${endpoint === null ? '' : ` at ${endpoint}`}: ` +
        'create it, or add create=1 to STORAGE_URL'
      );
    case 'InvalidAccessKeyId':
      return (
        `the server of ${where} does not know the access key: ` +
        'check AWS_ACCESS_KEY_ID, or the profile or role in use'
      );
    case 'SignatureDoesNotMatch':
      return (
        `the secret key does not belong to the access key for ${where}: ` +
        'check AWS_SECRET_ACCESS_KEY'
      );
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return `the credentials for ${where} have expired or are not valid (${name})`;
    case 'CredentialsProviderError':
      return (
        `no credentials were found for ${where}: ` +
        'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role'
      );
    case 'RequestTimeTooSkewed':
      return `this machine's clock differs too much from the clock of the server of ${where}`;
    case 'BucketAlreadyExists':
      return `the bucket name "${bucket}" belongs to another account: set another in STORAGE_URL`;
  }
  const status = statusOf(error);
  const message = error instanceof Error ? error.message.replace(/\.+$/, '') : String(error);
  if (name === 'AccessDenied' || status === 401 || status === 403)
    return (
      `the key is not allowed to do this with ${where}: ${message}; ` +
      'it must be allowed to read, write, delete and list objects'
    );
  if (/KMS/.test(name)) return `the key of sse_kms_key_id cannot be used for ${where}: ${message}`;
  if (/region is missing/i.test(message))
    return `no region is set for ${where}: add region= to STORAGE_URL, or set AWS_REGION`;
  const reason = networkReason(error);
  if (reason !== null) return `${endpoint ?? 'S3'} cannot be reached for ${where}: ${reason}`;
  const detail = name === '' || name === 'Error' ? message : `${name}, ${message}`;
  return `${endpoint ?? 'S3'} fails for ${where}: ${detail}`;
}

function statusOf(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}

/** The region of the bucket, if the server says that it differs from the one we used. */
function regionOf(error: unknown): string | null {
  if (!(error instanceof S3ServiceException)) return null;
  const isElsewhere =
    [301, 307].includes(error.$metadata.httpStatusCode ?? 0) ||
    [
      'PermanentRedirect',
      'AuthorizationHeaderMalformed',
      'IllegalLocationConstraintException',
    ].includes(error.name);
  if (!isElsewhere) return null;
  const header = error.$response?.headers['x-amz-bucket-region'];
  const named: unknown = 'Region' in error ? error.Region : undefined;
  return (
    header ??
    (typeof named === 'string' ? named : null) ??
    /expecting '([a-z0-9-]+)'/.exec(error.message)?.[1] ??
    null
  );
}
