/** A PostgreSQL of its own for a benchmark, with the settings of `npm start`, in a folder that is removed at the end. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEmbeddedPostgres } from '../../scripts/start/embedded-postgres.ts';

export interface BenchDatabase {
  url: string;
  folder: string;
  close(): Promise<void>;
}

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  chmodSync(folder, 0o755); // the server may run as another user
  const postgres = await prepareEmbeddedPostgres(folder);
  const server = await postgres.start();
  return {
    url: postgres.url,
    folder,
    async close() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
