/** Runs Kiln's processes as production does, for benchmarks that measure them from outside. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { startNode } from '../../scripts/start/supervise.ts';

const root = resolve(import.meta.dirname, '../..');

// Every child's output is piped there.
process.stderr.setMaxListeners(0);

export interface Child {
  process: ChildProcess;
  url: string;
  /** Asks the process to shut down; resolves when it has ended. */
  stop(): Promise<void>;
}

/** @param entry the path from the root of the repository */
export async function startChild(entry: string, env: Record<string, string>): Promise<Child> {
  let url = '';
  const child = await startNode({
    entry,
    cwd: root,
    env: { ...process.env, ...env },
    onLog: ({ stdout }) => stdout?.resume(), // a pipe that is not read would block the process
    onReady: (ready) => (url = ready.url ?? ''),
  });
  return {
    process: child,
    url,
    async stop() {
      const ended =
        child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

export const startWorker = (env: Record<string, string>): Promise<Child> =>
  startChild('apps/worker/src/main.ts', env);

export const startApi = (env: Record<string, string>): Promise<Child> =>
  startChild('apps/api/src/main.ts', { PORT: '0', ...env });
