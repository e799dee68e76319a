/**
 * Runs `npm start` on a data folder that was used before, and reads how long it takes to be ready
 * and what its processes hold at rest, the studio on and off in turns.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcessTimes } from '../support/process-cpu.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Start {
  readyMs: number;
  /** Memory of all processes, shared pages counted once. */
  restBytes: number;
  /** The part of it that the API holds. */
  apiBytes: number;
}

/** @param restMs how long nothing happens before memory is read */
export async function measureStarts(times: number, restMs: number) {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-start-'));
  chmodSync(folder, 0o755); // the server may run as another user
  try {
    await run(folder, 'on', 0); // makes the database, and builds what is not built
    const starts: Record<'on' | 'off', Start[]> = { on: [], off: [] };
    for (let count = 0; count < times; count += 1)
      for (const studio of ['on', 'off'] as const)
        starts[studio].push(await run(folder, studio, restMs));
    return starts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, studio: 'on' | 'off', restMs: number): Promise<Start> {
  const beganMs = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      KILN_DATA_DIR: folder,
      PORT: '0',
      KILN_STUDIO: studio,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await untilReady(child.stdout.setEncoding('utf8'));
    const readyMs = performance.now() - beganMs;
    await sleep(restMs);
    const below = processesBelow(child.pid ?? 0);
    const api = below.filter((pid) => commandOf(pid).includes('apps/api/src/main.ts'));
    return { readyMs, restBytes: sum(below, readShare), apiBytes: sum(api, readShare) };
  } finally {
    for (const pid of processesBelow(child.pid ?? 0))
      if (commandOf(pid).includes('scripts/start.ts')) process.kill(pid, 'SIGTERM');
    await ended;
  }
}

async function untilReady(output: AsyncIterable<string>): Promise<void> {
  let text = '';
  for await (const part of output) {
    text += part;
    if (text.includes('Kiln is ready')) return;
  }
  throw new Error(`npm start has ended: ${text}`);
}

function processesBelow(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const found = Number(name);
    if (!Number.isInteger(found)) continue;
    try {
      const { parent } = readProcessTimes(found);
      parents.set(parent, [...(parents.get(parent) ?? []), found]);
    } catch {
      // It has ended since.
    }
  }
  const below: number[] = [];
  for (const waiting = [pid]; waiting.length > 0;) {
    const children = parents.get(waiting.pop() ?? 0) ?? [];
    below.push(...children);
    waiting.push(...children);
  }
  return below;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended since
  }
}

/** The proportional share of a process: a page that three processes share counts a third. */
function readShare(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended since
  }
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}
