/**
 * Disk faults, made with what every Linux has. What a worker writes for a job has a known path, so
 * a test can put a fault there:
 *
 *   a link to `/dev/full` fails a write with ENOSPC, one to the writer's own memory with EIO;
 *   a named pipe without a reader blocks the writer in `open` until there is one;
 *   a file where a folder must be made fails with ENOTDIR.
 *
 * The process limit for file sizes makes every write fail with EFBIG. Mounting a small tmpfs over
 * the store's temporary folder fills the store (ENOSPC); where mounting is not allowed, that fault
 * is left out.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { KilnProcess } from './kiln-process.ts';
import { createWireHolds } from './wire-holds.ts';
import type { FaultEnvironment } from './environment.ts';

/** The fault that the answer of a job meets in a machine's spool. */
export type SpoolFault = 'full' | 'broken' | 'stuck';

export function breakSpool(
  environment: FaultEnvironment,
  machine: string,
  jobId: string,
  fault: SpoolFault,
): { mend(): void } {
  const paths = answersOf(environment, machine, jobId).map((path) => `${path}.part`);
  mkdirSync(environment.spoolOf(machine), { recursive: true });
  if (fault === 'stuck') execFileSync('mkfifo', paths);
  else
    for (const path of paths) symlinkSync(fault === 'full' ? '/dev/full' : '/proc/self/mem', path);
  return {
    mend() {
      for (const path of paths) {
        // Opening the pipe lets the blocked writer continue; it then finds that a pipe cannot keep
        // an answer.
        if (fault === 'stuck' && existsSync(path))
          closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
        rmSync(path, { force: true });
      }
    },
  };
}

/**
 * On a busy machine the first attempts of a job miss their starts, so the answered one may have any
 * of these numbers.
 */
function answersOf(environment: FaultEnvironment, machine: string, jobId: string): string[] {
  const spool = environment.spoolOf(machine);
  return Array.from({ length: 9 }, (_, index) => join(spool, `${jobId}-${index + 1}.answer`));
}

/** Makes storing a job's images fail: their folder cannot be made, or the store does not answer. */
export function breakObjects(environment: FaultEnvironment, jobId: string): { mend(): void } {
  if (environment.links.store !== null) {
    const holds = createWireHolds(environment.links.store);
    holds.set({ hold: 'before', texts: ['PUT /', jobId] });
    return { mend: holds.cut };
  }
  const path = join(environment.objects, 'images', jobId.slice(-2), jobId);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'in the way');
  return { mend: () => rmSync(path) };
}

export function isSpooled(environment: FaultEnvironment, machine: string, jobId: string): boolean {
  return answersOf(environment, machine, jobId).some((path) => existsSync(path));
}

/** Makes every write of the process to a file fail, in spool and store, until `mend` is called. */
export function fillDisks(worker: KilnProcess): { mend(): void } {
  const limit = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(worker.pid), `--fsize=${bytes}`]);
  limit('0:unlimited');
  return { mend: () => limit('unlimited:unlimited') };
}

/**
 * Makes the store refuse every write: the disk is full, or a remote store is unreachable. `seen` is
 * the text that a worker logs when it meets the fault. It is null where no file system may be
 * mounted; then nothing was changed.
 */
export function fillStore(environment: FaultEnvironment): { seen: string | null; mend(): void } {
  const { store } = environment.links;
  if (store !== null) {
    store.set({ kind: 'refuse' });
    store.cut('reset');
    return { seen: 'cannot be reached', mend: () => store.set({ kind: 'pass' }) };
  }
  const folder = join(environment.objects, '.tmp');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'kiln-test', folder], {
      stdio: 'ignore',
    });
  } catch {
    return { seen: null, mend: () => undefined };
  }
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(4_096));
  return { seen: 'the disk is full', mend: () => execFileSync('umount', ['--lazy', folder]) };
}
