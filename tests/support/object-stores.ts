/** A place of its own in each kind of object store, for suites that must hold on all: `describe.each(storeNames)('on %s', …)`. */
import { randomBytes } from 'node:crypto';
import { readStorage, type StorageSettings } from '@kiln/shared/config/storage';
import { inject } from 'vitest';
import { azuriteConnection } from './azurite-server.ts';
import type { S3Server } from './s3-server.ts';
import { temporaryFolder } from './server-process.ts';

export type StoreName = 'file' | 's3' | 'azurite';
export const storeNames: StoreName[] = ['file', 's3', 'azurite'];

/** What a process needs to reach a store. */
export type StoreEnvironment = Readonly<{ STORAGE_URL: string } & Record<string, string>>;

/** Where the servers of a run are. */
export interface StoreServers {
  azuriteUrl: string;
  s3: Omit<S3Server, 'remove'>;
}

/** @param at the server's address, where it is reached another way */
export function s3Environment(s3: StoreServers['s3'], at = s3.url, parameters = ''): StoreEnvironment {
  const bucket = `kiln-test-${randomBytes(6).toString('hex')}`;
  return {
    STORAGE_URL: `s3://${bucket}?endpoint=${encodeURIComponent(at)}&region=${s3.region}&create=1${parameters}`,
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
  };
}

export function azuriteEnvironment(azuriteUrl: string): StoreEnvironment {
  return {
    STORAGE_URL: `azblob://kiln-test-${randomBytes(6).toString('hex')}?create=1`,
    AZURE_STORAGE_CONNECTION_STRING: azuriteConnection(azuriteUrl),
  };
}

export function createTestStore(name: StoreName): StoreEnvironment {
  const { azuriteUrl, s3 } = inject('engines').stores;
  switch (name) {
    case 'file':
      return { STORAGE_URL: `file:${temporaryFolder('objects').path}` };
    case 's3':
      return s3Environment(s3);
    case 'azurite':
      return azuriteEnvironment(azuriteUrl);
  }
}

/** The keys of S3 are found by the SDK, which looks into the environment of this process. */
export function toSettings(environment: StoreEnvironment): StorageSettings {
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('AWS_')) process.env[name] = value;
  const problems: string[] = [];
  const settings = readStorage(environment, problems);
  if (settings === null) throw new Error(problems.join('; '));
  return settings;
}
