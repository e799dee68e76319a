/** Runs Azurite, Microsoft's imitation of Azure Blob Storage, as a process with its own folder. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort, startServer, temporaryFolder } from '../engines/server-process.ts';

export interface StoreServer {
  /** Its name and version, such as `Azurite 3.36.0 (npm)`. */
  found: string;
  /** The URL at which it listens. */
  url: string;
  remove(): Promise<void>;
}

/** The account of every Azurite; it is documented and no secret. */
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
  const listen = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder.path];
  const server = await startServer({
    name: 'Azurite',
    file: process.execPath,
    // The SDK asks for a newer API version than Azurite knows.
    args: [
      join(dirname(file), 'dist/src/blob/main.js'),
      ...listen,
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
