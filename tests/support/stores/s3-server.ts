/**
 * Finds an S3 server: the one that `KILN_TEST_S3_URL` names
 * (`http://key:secret@host:port?region=…`), RustFS in a container, or s3rver from npm, which proves
 * less.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { StoreServer } from './azurite-server.ts';
import { isOnDocker, sourceVariable } from '../engines/engine-source.ts';
import { freePort, startServer, temporaryFolder } from '../engines/server-process.ts';

export interface S3Server extends StoreServer {
  region: string;
  accessKey: string;
  secretKey: string;
  /** What a run on this server does not prove; null: nothing. */
  unproved: string | null;
  /** Whether it lists objects in the order of their keys, as S3 does. */
  listsInOrder: boolean;
}

export async function openS3Server(): Promise<S3Server> {
  const given = process.env.KILN_TEST_S3_URL;
  if (given) return readUrl(given);
  const container = await openRustfs();
  if (container === null && isOnDocker('s3'))
    throw new Error(`${sourceVariable} asks for S3 in Docker, and RustFS did not start there`);
  return container ?? openS3rver();
}

function readUrl(given: string): S3Server {
  const { username, password, searchParams, origin } = new URL(given);
  return {
    found: 'KILN_TEST_S3_URL',
    url: origin,
    region: searchParams.get('region') ?? 'us-east-1',
    accessKey: decodeURIComponent(username),
    secretKey: decodeURIComponent(password),
    unproved: null,
    listsInOrder: true,
    remove: () => Promise.resolve(),
  };
}

async function openRustfs(): Promise<S3Server | null> {
  // Imported late, because it is large and rarely needed.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return null; // no engine answers
  }
  const [accessKey, secretKey] = ['kiln-test', 'kiln-test-secret'];
  try {
    const container = await new GenericContainer('rustfs/rustfs:latest')
      .withExposedPorts(9000)
      .withEnvironment({ RUSTFS_ACCESS_KEY: accessKey, RUSTFS_SECRET_KEY: secretKey })
      .withCommand(['/data'])
      .withWaitStrategy(Wait.forHttp('/health', 9000))
      .start();
    return {
      found: 'RustFS (Docker)',
      url: `http://${container.getHost()}:${container.getMappedPort(9000)}`,
      region: 'us-east-1',
      accessKey,
      secretKey,
      unproved: null,
      listsInOrder: true,
      remove: async () => void (await container.stop({ timeout: 0 })),
    };
  } catch (error) {
    console.log(
      `RustFS did not start in Docker: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

async function openS3rver(): Promise<S3Server> {
  const main = createRequire(import.meta.url).resolve('s3rver');
  const folder = temporaryFolder('s3rver');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 's3rver',
    file: process.execPath,
    // s3rver is from 2021 and signs list markers with an algorithm that OpenSSL has removed since.
    args: [
      '--no-deprecation',
      '--openssl-legacy-provider',
      join(dirname(main), '../bin/s3rver.js'),
      '-d',
      folder.path,
      '-p',
      String(port),
      '--silent',
    ],
    stopSignal: 'SIGKILL',
    probe: async () => void (await fetch(url)),
  });
  return {
    found: 's3rver 3.7.1 (npm, as neither KILN_TEST_S3_URL nor Docker is there)',
    url,
    region: 'us-east-1',
    accessKey: 'S3RVER',
    secretKey: 'S3RVER',
    unproved:
      'conditional writes and giving up parts (a front before it imitates both), the order of ' +
      'lists, encryption, regions',
    listsInOrder: false,
    remove: async () => {
      await server.end('SIGKILL');
      folder.remove();
    },
  };
}
