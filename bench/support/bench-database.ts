/**
 * Opens a private PostgreSQL for a benchmark, with the settings of `npm start`, in a folder that is
 * removed at the end.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEmbeddedPostgres } from '../../scripts/start/embedded-postgres.ts';
import { withClient } from '../../tests/support/engines/postgres-server.ts';

export interface BenchDatabase {
  url: string;
  folder: string;
  close(): Promise<void>;
}

/**
 * The environment of Kiln's processes that a benchmark starts on it. It names no provider; a
 * benchmark that needs one adds it.
 */
export function envOn({ url, folder }: BenchDatabase) {
  return { DATABASE_URL: url, KILN_DATA_DIR: folder, KILN_SIMULATOR_URL: 'http://127.0.0.1:9' };
}

/** @param extension loaded with the server and created, such as `pg_stat_statements` */
export async function openBenchDatabase(extension?: 'pg_stat_statements'): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  chmodSync(folder, 0o755); // the server may run as another user
  const postgres = await prepareEmbeddedPostgres(folder);
  let server = await postgres.start();
  if (extension !== undefined) {
    await withClient(postgres.url, (client) =>
      client.query(`alter system set shared_preload_libraries = ${extension}`),
    );
    await stop(server);
    server = await postgres.start();
    await withClient(postgres.url, (client) => client.query(`create extension ${extension}`));
  }
  return {
    url: postgres.url,
    folder,
    async close() {
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  await ended;
}
