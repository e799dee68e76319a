/**
 * Disks that fail, staged with what every Linux has. What a worker writes for one job has a known
 * path, so a fault can be put in its way:
 *
 *   a file that is to be written leads to `/dev/full` (ENOSPC) or to the writer's own memory at address 0 (EIO);
 *   it is a named pipe that nobody reads: opening it lasts until somebody does;
 *   a folder that is to be made is a file (ENOTDIR and the like).
 *
 * All disks of a process refuse by its limit for the size of files (EFBIG). The store is really
 * full (ENOSPC) where a small tmpfs may be mounted over its folder for half-written files;
 * elsewhere that fault is left out.
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

/** What meets the first answer of a job in the spool of a machine. */
export type SpoolFault = 'full' | 'broken' | 'stuck';

export function breakSpool(
  environment: FaultEnvironment,
  machine: string,
  jobId: string,
  fault: SpoolFault,
): { mend(): void } {
  const path = join(environment.spoolOf(machine), `${jobId}-1.answer.part`);
  mkdirSync(dirname(path), { recursive: true });
  if (fault === 'stuck') execFileSync('mkfifo', [path]);
  else symlinkSync(fault === 'full' ? '/dev/full' : '/proc/self/mem', path);
  return {
    mend() {
      // Whoever hangs in opening it goes on, and finds that a pipe is no place to keep anything.
      if (fault === 'stuck') closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
      rmSync(path, { force: true });
    },
  };
}

/**
 * Nothing of a job's images is stored: their folder cannot be made, or the store does not answer.
 */
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
  return existsSync(join(environment.spoolOf(machine), `${jobId}-1.answer`));
}

/**
 * Nothing more can be written to any file by the process, until it is mended: spool and store at
 * once.
 */
export function fillDisks(worker: KilnProcess): { mend(): void } {
  const limit = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(worker.pid), `--fsize=${bytes}`]);
  limit('0:unlimited');
  return { mend: () => limit('unlimited:unlimited') };
}

/**
 * A store that takes nothing: full, or, over the network, away. `seen` is what a worker says that
 * has met it; null where no file system may be mounted: then nothing was done.
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
