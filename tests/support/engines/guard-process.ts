/**
 * The process behind guard.ts: it collects orders until its standard input closes, then carries
 * them out and ends.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { GuardOrder } from './guard.ts';
import { waitFor } from '../wait-for.ts';

const processes = new Map<number, NodeJS.Signals>();
const folders = new Set<string>();

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as GuardOrder;
  if (order.do === 'stop') processes.set(order.pid, order.signal);
  else if (order.do === 'remove') folders.add(order.folder);
  else if (typeof order.what === 'number') processes.delete(order.what);
  else folders.delete(order.what);
}

for (const [pid, signal] of processes) send(pid, signal);
await waitFor(() => [...processes.keys()].every((pid) => !send(pid, 0)), {
  timeoutMs: 5000,
  what: 'the engines to end',
}).catch(() => {
  for (const pid of processes.keys()) send(pid, 'SIGKILL');
});
for (const folder of folders)
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended
  }
}
