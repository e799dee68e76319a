/** Azurite, Microsoft's imitation of Azure Blob Storage, as a process with a folder of its own. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort, startServer, temporaryFolder } from '../engines/server-process.ts';

export interface StoreServer {
  /** Such as `Azurite 3.36.0 (npm)`. */
  found: string;
  /** Where it listens. */
  url: string;
  remove(): Promise<void>;
}

/** Of every Azurite: documented, and no secret. */
export const azuriteAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

export function azuriteConnection(url: string, key = azuriteAccount.key): string {
  const endpoint = new URL(azuriteAccount.name, url).href;
  return `DefaultEndpointsProtocol=http;AccountName=${azuriteAccount.name};AccountKey=${key};BlobEndpoint=${endpoint};`;
}

export async function openAzurite(): Promise<StoreServer> {
  const file = createRequire(import.meta.url).resolve('azurite/package.json');
  const folder = temporaryFolder('azurite');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const place = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder.path];
  const server = await startServer({
    name: 'Azurite',
    file: process.execPath,
    // The SDK is newer than the versions it knows.
    args: [
      join(dirname(file), 'dist/src/blob/main.js'),
      ...place,
      '--disableTelemetry',
      '--skipApiVersionCheck',
      '--silent',
    ],
    stopSignal: 'SIGKILL',
    probe: async () => void (await fetch(url)),
  });
  return {
    found: 'Azurite 3.36.0 (npm)',
    url,
    remove: async () => {
      await server.end('SIGKILL');
      folder.remove();
    },
  };
}
