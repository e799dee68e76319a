/** Reads the memory of another process, as Linux reports it. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Returns bytes; `VmHWM` is the peak since the last reset, `RssAnon` what no file holds. */
export function readMemory(pid: number | undefined, name: 'VmRSS' | 'VmHWM' | 'RssAnon'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${String(pid)}/status`, 'utf8'),
  );
  return Number(found?.[1]) * 1024;
}

export function resetPeak(pid: number | undefined): void {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
}
