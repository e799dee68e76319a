/**
 * Disks that fail, staged with what every Linux has. What a worker writes for one job has a known path, so a fault can be put in its way:
 *
 *   a file that is to be written leads to `/dev/full` (ENOSPC) or to the writer's own memory at address 0 (EIO);
 *   it is a named pipe that nobody reads: opening it lasts until somebody does;
 *   a folder that is to be made is a file (ENOTDIR and the like).
 *
 * A whole disk is made full by a small tmpfs where that may be mounted, and otherwise by the process's limit for the size of its files (EFBIG).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KilnProcess } from './kiln-process.ts';
import type { Stage } from './stage.ts';

/** What meets the first answer of a job in the spool of a machine. */
export type SpoolFault = 'full' | 'broken' | 'stuck';

export function breakSpool(
  stage: Stage,
  machine: string,
  jobId: string,
  fault: SpoolFault,
): { mend(): void } {
  const path = join(stage.spoolOf(machine), `${jobId}-1.answer.part`);
  mkdirSync(dirname(path), { recursive: true });
  if (fault === 'stuck') execFileSync('mkfifo', [path]);
  else symlinkSync(fault === 'full' ? '/dev/full' : '/proc/self/mem', path);
  return { mend: () => rmSync(path, { force: true }) };
}

/** The folder of a job's images cannot be made. */
export function breakObjects(stage: Stage, jobId: string): { mend(): void } {
  const path = join(stage.objects, 'images', jobId.slice(-2), jobId);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'in the way');
  return { mend: () => rmSync(path) };
}

export function isSpooled(stage: Stage, machine: string, jobId: string): boolean {
  return existsSync(join(stage.spoolOf(machine), `${jobId}-1.answer`));
}

/** Nothing more can be written to any file by the process, until it is mended: spool and store at once. */
export function fillDisks(worker: KilnProcess): { mend(): void } {
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(worker.pid), `--fsize=${bytes}`]);
  limit('0:unlimited');
  return { mend: () => limit('unlimited:unlimited') };
}
