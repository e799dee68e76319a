/**
 * A place of its own in each kind of object store, for suites that must hold on all. It counts on
 * nothing of a test runner.
 */
import { randomBytes } from 'node:crypto';
import { readStorage, type StorageSettings } from '@kiln/shared/config/storage';
import { azuriteConnection, openAzurite } from './azurite-server.ts';
import { openS3Server, type S3Server } from './s3-server.ts';

export type StoreName = 'file' | 's3' | 'azurite';

/** Stores over the network. */
export const remoteStores = ['s3', 'azurite'] as const;

/** What a process needs to reach a store. */
export type StoreEnvironment = Readonly<{ STORAGE_URL: string } & Record<string, string>>;

/** A bucket or container, made at the first boot. */
export interface StorePlace {
  /** Of its server. */
  serverUrl: string;
  /** @param at where the server is reached, such as a proxy before it; default: itself */
  environment(at?: string): StoreEnvironment;
}

/** Where the servers of a run are. */
export interface StoreServers {
  azuriteUrl: string;
  s3: Omit<S3Server, 'remove'>;
}

export function placeInS3(s3: StoreServers['s3'], parameters = ''): StorePlace {
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

export function placeInAzurite(azuriteUrl: string): StorePlace {
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

/** A server of one's own and a place in it. */
export async function openStoreServer(name: 's3' | 'azurite') {
  if (name === 's3') {
    const server = await openS3Server();
    return { place: placeInS3(server), found: server.found, remove: server.remove };
  }
  const { url, found, remove } = await openAzurite();
  return { place: placeInAzurite(url), found, remove };
}

/** The keys of S3 are found by the SDK, which looks into the environment of this process. */
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
