/**
 * Stops servers and removes folders however this process ends, also by SIGKILL: a child process
 * (guard-process.ts) notices the closed pipe and carries out the orders it has received.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export type GuardOrder =
  | { do: 'stop'; pid: number; signal: NodeJS.Signals }
  | { do: 'remove'; folder: string }
  | { do: 'forget'; what: number | string };

let orders: Writable | undefined;

export function guardProcess(pid: number, signal: NodeJS.Signals): void {
  sendOrder({ do: 'stop', pid, signal });
}

export function guardFolder(folder: string): void {
  sendOrder({ do: 'remove', folder });
}

/**
 * Drops the order for a process (by pid) that has ended, or for a folder that is gone. Forget a pid
 * before the system gives it to another process.
 */
export function forget(what: number | string): void {
  sendOrder({ do: 'forget', what });
}

function sendOrder(order: GuardOrder): void {
  orders ??= startGuard();
  orders.write(`${JSON.stringify(order)}\n`);
}

function startGuard(): Writable {
  const guard = spawn(
    process.execPath,
    [fileURLToPath(new URL('guard-process.ts', import.meta.url))],
    {
      // Leaves the terminal's process group: a Ctrl-C must not end the guard before the servers.
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    },
  );
  guard.unref();
  // The pipe must not keep this process alive; its type lacks `unref`.
  (guard.stdin as Socket).unref();
  return guard.stdin;
}
