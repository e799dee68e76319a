/**
 * A file of JSON lines; each line is on disk before its answer is sent. Lines that wait at the same
 * time share one fsync.
 */
import { open } from 'node:fs/promises';

export interface Journal {
  /** Resolves when the line is on disk. */
  append(line: string): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openJournal(path: string): Promise<Journal> {
  const file = await open(path, 'a');
  let waiting = '';
  // The next write takes every waiting line; it starts when the current one has ended.
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  const write = async (before: Promise<void>) => {
    await before.catch(() => undefined);
    const lines = waiting;
    waiting = '';
    next = null;
    await file.appendFile(lines);
    await file.datasync();
  };
  return {
    append(line) {
      waiting += `${line}\n`;
      if (next === null) {
        next = write(last);
        last = next;
      }
      return next;
    },
    async clear() {
      await last;
      await file.truncate(0);
    },
    async close() {
      await last;
      await file.close();
    },
  };
}
