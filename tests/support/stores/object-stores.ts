/** A bucket or container of a test's own in each kind of object store. It needs no test runner. */
import { randomBytes } from 'node:crypto';
import { readStorage, type StorageSettings } from '@kiln/shared/config/storage';
import { azuriteConnection, openAzurite } from './azurite-server.ts';
import { openS3Server, type S3Server } from './s3-server.ts';

export type StoreName = 'file' | 's3' | 'azurite';

/** The stores that are reached over the network. */
export const remoteStores = ['s3', 'azurite'] as const;

/** Environment variables that a process needs to reach a store. */
export type StoreEnvironment = Readonly<{ STORAGE_URL: string } & Record<string, string>>;

/** A bucket or container, made when Kiln first starts on it. */
export interface TestBucket {
  /** The URL of the server. */
  serverUrl: string;
  /** @param at the URL to reach the server at, such as that of a proxy; default: its own */
  environment(at?: string): StoreEnvironment;
}

/** The servers of a run. */
export interface StoreServers {
  azuriteUrl: string;
  s3: Omit<S3Server, 'remove'>;
}

export function bucketInS3(s3: StoreServers['s3'], parameters = ''): TestBucket {
  const name = newName();
  return {
    serverUrl: s3.url,
    environment: (at = s3.url) => ({
      STORAGE_URL: `s3://${name}?endpoint=${encodeURIComponent(at)}&region=${s3.region}&create=1${parameters}`,
      AWS_ACCESS_KEY_ID: s3.accessKey,
      AWS_SECRET_ACCESS_KEY: s3.secretKey,
    }),
  };
}

export function bucketInAzurite(azuriteUrl: string): TestBucket {
  const name = newName();
  return {
    serverUrl: azuriteUrl,
    environment: (at = azuriteUrl) => ({
      STORAGE_URL: `azblob://${name}?create=1`,
      AZURE_STORAGE_CONNECTION_STRING: azuriteConnection(at),
    }),
  };
}

function newName(): string {
  return `kiln-test-${randomBytes(6).toString('hex')}`;
}

/** Opens a private server and a bucket in it. */
export async function openStoreServer(name: 's3' | 'azurite') {
  if (name === 's3') {
    const server = await openS3Server();
    return { bucket: bucketInS3(server), found: server.found, remove: server.remove };
  }
  const { url, found, remove } = await openAzurite();
  return { bucket: bucketInAzurite(url), found, remove };
}

/** Sets the S3 keys in the environment of this process, where the SDK looks for them. */
export function useKeysOf(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('AWS_')) process.env[name] = value;
}

export function toSettings(environment: StoreEnvironment): StorageSettings {
  useKeysOf(environment);
  const problems: string[] = [];
  const settings = readStorage(environment, problems);
  if (settings === null) throw new Error(problems.join('; '));
  return settings;
}
