/**
 * What the fuzzer says of a process that has ended: its exit code or signal, its last lines on
 * standard error, the requests before its end, and its memory over the whole run.
 */
import { readFileSync } from 'node:fs';
import type { FaultEnvironment } from '../../tests/faults/rig/environment.ts';
import type { KilnProcess } from '../../tests/faults/rig/kiln-process.ts';

const mebibyte = 1024 * 1024;
const shownRequests = 24;
const shownSamples = 40;
const shownCharacters = 4_000;

export interface ProcessWatch {
  /** Remembers a request, as it was sent. */
  begin(request: string): void;
  /** Measures the memory of the processes after this many requests. */
  sample(sent: number): void;
  /** The memory of each process at the last sample, in a sentence. */
  describeMemory(): string;
  /** A finding for each process that has ended. */
  findEnds(): string[];
}

export function watchProcesses(environment: FaultEnvironment): ProcessWatch {
  const { api, workers } = environment;
  const names = new Map<KilnProcess, string>([
    [api, 'the API'],
    ...workers.map((worker): [KilnProcess, string] => [worker, 'the worker']),
  ]);
  const samples = new Map<KilnProcess, [sent: number, bytes: number][]>();
  const recent: string[] = [];
  /** The requests before the end of a process. */
  const before = new Map<KilnProcess, string[]>();
  const oomKillsBefore = countOomKills();
  for (const process of names.keys()) {
    samples.set(process, []);
    void process.ended.then(() => before.set(process, [...recent]));
  }

  function memoryOf(process: KilnProcess): string {
    const all = samples.get(process) ?? [];
    const step = Math.ceil(all.length / shownSamples);
    const shown = all.filter((_, index) => index % step === 0 || index === all.length - 1);
    return shown.map(([sent, bytes]) => `${sent}: ${toMebibytes(bytes)}`).join(', ');
  }

  return {
    begin(request) {
      recent.push(request);
      if (recent.length > shownRequests) recent.shift();
    },
    sample(sent) {
      for (const process of names.keys()) {
        const bytes = readMemory(process.pid);
        if (bytes !== null) samples.get(process)?.push([sent, bytes]);
      }
    },
    describeMemory: () =>
      [...names]
        .map(([process, name]) => {
          const bytes = samples.get(process)?.at(-1)?.[1];
          return `${name} uses ${bytes === undefined ? 'unknown memory' : toMebibytes(bytes)}`;
        })
        .join(', '),
    findEnds: () =>
      [...names].flatMap(([process, name]) => {
        const end = process.end();
        if (end === null) return [];
        const how = typeof end === 'number' ? `with code ${end}` : `by the signal ${end}`;
        return [
          `${name} ended ${how}\n` +
            `  its last lines on standard error: ${process.errors().slice(-shownCharacters)}\n` +
            `  its last lines: ${process.output().slice(-shownCharacters)}\n` +
            `  its memory, after so many requests: ${memoryOf(process)}\n` +
            `  processes that the kernel has killed for want of memory since the start: ` +
            `${countOomKills() - oomKillsBefore}\n` +
            `  the last requests:\n    ${(before.get(process) ?? []).join('\n    ')}`,
        ];
      }),
  };
}

function toMebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`;
}

/** The resident memory of a process in bytes; null if it has ended, or the system does not say. */
function readMemory(pid: number): number | null {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** How many processes the kernel of this machine has killed because its memory was full. */
function countOomKills(): number {
  return Number(/^oom_kill (\d+)/m.exec(readOrNothing('/proc/vmstat'))?.[1] ?? 0);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
