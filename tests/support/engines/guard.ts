/**
 * Ends what this process started, however this process ends: a child of its own (guard-process.ts)
 * notices the closed pipe, also after a SIGKILL, stops the processes and removes the folders it was
 * told of.
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
  tell({ do: 'stop', pid, signal });
}

export function guardFolder(folder: string): void {
  tell({ do: 'remove', folder });
}

/**
 * The process (by pid) has ended or the folder is gone. A pid must be forgotten before the system
 * gives it to another.
 */
export function forget(what: number | string): void {
  tell({ do: 'forget', what });
}

function tell(order: GuardOrder): void {
  orders ??= startGuard();
  orders.write(`${JSON.stringify(order)}\n`);
}

function startGuard(): Writable {
  const guard = spawn(
    process.execPath,
    [fileURLToPath(new URL('guard-process.ts', import.meta.url))],
    {
      // A group of its own: a Ctrl-C in the terminal must not end the guard before what it guards.
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    },
  );
  guard.unref();
  // The types know a pipe as a stream only; it must not keep this process alive.
  (guard.stdin as Socket).unref();
  return guard.stdin;
}
