/** Reads the processor time that a process has used from /proc, so on Linux only. */
import { readFileSync } from 'node:fs';

const tickMs = 10;

export interface ProcessTimes {
  parent: number;
  ownMs: number;
  /** The time of its children that have ended. */
  endedChildrenMs: number;
}

/** Throws for a process that has ended. */
export function readProcessTimes(pid: number | undefined): ProcessTimes {
  // The name may contain anything, so fields are counted behind it: state is field 3, the parent 4,
  // utime, stime, cutime and cstime are 14 to 17.
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
  const fields = text.split(' ').map(Number);
  const ticks = (from: number) => (fields[from] ?? 0) + (fields[from + 1] ?? 0);
  return {
    parent: fields[1] ?? 0,
    ownMs: ticks(11) * tickMs,
    endedChildrenMs: ticks(13) * tickMs,
  };
}

export function readCpuMs(pid: number | undefined): number {
  return readProcessTimes(pid).ownMs;
}
