/**
 * Runs `npm start` on a data folder that was used before, and reads how long it takes to be ready
 * and what its processes hold at rest, the studio on and off in turns.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesBelow, type RunningProcess } from '../../tests/integration/start/support.ts';

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
    const api = below.filter(({ command }) => command.includes('apps/api/src/main.ts'));
    return { readyMs, restBytes: sharesOf(below), apiBytes: sharesOf(api) };
  } finally {
    for (const { pid, command } of processesBelow(child.pid ?? 0))
      if (command.includes('scripts/start.ts')) process.kill(pid, 'SIGTERM');
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

/** The proportional share of a process: a page that three processes share counts a third. */
function readShare(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended since
  }
}

function sharesOf(processes: readonly RunningProcess[]): number {
  return processes.reduce((total, { pid }) => total + readShare(pid), 0);
}
