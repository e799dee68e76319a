/**
 * A PostgreSQL of its own for a benchmark, with the settings of `npm start`, in a folder that is
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
 * For the processes of Kiln that a benchmark starts on it. No provider is there: who needs one says
 * where.
 */
export function envOn({ url, folder }: BenchDatabase) {
  return { DATABASE_URL: url, KILN_DATA_DIR: folder, KILN_SIMULATOR_URL: 'http://127.0.0.1:9' };
}

/** @param extension to load with the server, such as `pg_stat_statements`; it is created, too */
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
