/** Reads the processor time that a process has used from /proc, so on Linux only. */
import { readFileSync } from 'node:fs';

const tickMs = 10;

export function readCpuMs(pid: number | undefined): number {
  // The name may contain anything, so fields are counted behind it: state is field 3, utime and
  // stime are 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
