/**
 * Shows from outside that this worker runs: it writes the time to a file every few seconds. A
 * worker serves no HTTP, so the health check of its container looks at the age of this file.
 *
 * The file is fresh as long as the process has started and its event loop turns. An outage of the
 * database or of the queue does not make it old: a supervisor that replaced the worker then would
 * lose the answers that it keeps until they can be recorded.
 */
import { rm, writeFile } from 'node:fs/promises';
import type { Logger } from '@kiln/shared/logger';

/** The health check of the image counts a file as old after six of these. */
const everyMs = 5_000;

export interface Heartbeat {
  close(): Promise<void>;
}

/** @param file null: the worker shows nothing */
export async function startHeartbeat(file: string | null, log: Logger): Promise<Heartbeat> {
  if (file === null) return { close: () => Promise.resolve() };
  let hasFailed = false;
  let writing = Promise.resolve();

  async function write(path: string): Promise<void> {
    try {
      await writeFile(path, `${new Date().toISOString()}\n`);
      hasFailed = false;
    } catch (err) {
      if (!hasFailed) log.error({ err, file: path }, 'the heartbeat cannot be written');
      hasFailed = true;
    }
  }

  await write(file);
  const timer = setInterval(() => (writing = write(file)), everyMs);
  return {
    async close() {
      clearInterval(timer);
      await writing;
      await rm(file, { force: true });
    },
  };
}
