/**
 * An API process as in production, whose peak memory can be read. It uses the records, the store
 * and the provider of the test.
 */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { env } from 'node:process';
import { startNode } from '../../../scripts/start/supervise.ts';
import type { TestKiln } from '../../support/kiln.ts';

export interface ApiProcess {
  url: string;
  /** Peak memory in bytes; null: the system does not report it. */
  peakMemory(): number | null;
  close(): Promise<void>;
}

/** The memory limit of the process. */
export const mostMemoryBytes = 512 * 1024 * 1024;

export async function startApiProcess(kiln: TestKiln): Promise<ApiProcess> {
  let url = '';
  const child = await startNode({
    entry: 'apps/api/src/main.ts',
    cwd: resolve(import.meta.dirname, '../../..'),
    env: {
      ...env,
      DATABASE_URL: kiln.databaseUrl,
      KILN_SIMULATOR_URL: kiln.simulatorUrl,
      KILN_DATA_DIR: kiln.dataDir,
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
    onLog: ({ stdout }) => stdout?.resume(),
    onReady: (ready) => (url = ready.url ?? ''),
  });
  return {
    url,
    peakMemory() {
      const path = `/proc/${child.pid}/status`;
      if (!existsSync(path)) return null;
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8')) ?? [];
      return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
    },
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
