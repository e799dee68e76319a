/**
 * Runs a server as a child process: finds a port and a folder, waits until it answers, and waits
 * for its end when it stops.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forget, guardFolder, guardProcess } from './guard.ts';
import { waitFor } from '../wait-for.ts';

export interface ServerCommand {
  name: string;
  file: string;
  args: string[];
  argv0?: string;
  user?: { uid: number; gid: number };
  /** The signal that ends it at once and cleanly at the end of the run. */
  stopSignal: NodeJS.Signals;
  /** Resolves when the server answers, rejects until then. */
  probe: () => Promise<void>;
}

export interface ServerProcess {
  pid: number;
  /** Sends the signal and waits for the end. Does nothing when the process has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const child = spawn(command.file, command.args, {
    ...(command.argv0 === undefined ? {} : { argv0: command.argv0 }),
    ...command.user,
    // Leaves the terminal's process group: a Ctrl-C ends the tests first and the engines after
    // them.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const state = { output: '', hasEnded: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      state.output = (state.output + text).slice(-4000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    const settle = (): void => {
      state.hasEnded = true;
      if (child.pid !== undefined) forget(child.pid);
      resolve();
    };
    child.once('exit', settle).once('error', (error) => {
      state.output += error.message;
      settle();
    });
  });
  if (child.pid !== undefined) guardProcess(child.pid, command.stopSignal);

  await waitFor(async () => (state.hasEnded ? true : command.probe().then(() => true)), {
    what: `${command.name} to answer`,
  });
  if (state.hasEnded) throw new Error(`${command.name} did not start: ${state.output}`);
  // An engine must not keep a finished run alive; the guard stops it in any case.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
  return {
    pid: child.pid ?? 0,
    end: async (signal) => {
      if (state.hasEnded) return;
      child.ref();
      child.kill(signal);
      await ended;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

/** Less than this, and a run could fill the memory of the machine. */
const memoryNeededBytes = 6 * 1024 ** 3;

/**
 * Makes a temporary folder, which is removed when this process ends. It lies in memory where there
 * is enough of it: most of the time of a run would otherwise go into creating the files of
 * databases.
 * @param options.isExecutable programs will be run from it, which a folder in memory may forbid
 */
export function temporaryFolder(
  name: string,
  { isExecutable = false } = {},
): { path: string; remove(): void } {
  const parent = isExecutable ? tmpdir() : (memoryFolder() ?? tmpdir());
  const path = mkdtempSync(join(parent, `kiln-test-${name}-`));
  // The user who runs an engine must be able to read it when the tests run as root.
  chmodSync(path, 0o755);
  guardFolder(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      forget(path);
    },
  };
}

/** The folder that Linux keeps in memory, if it has room. */
function memoryFolder(): string | null {
  const folder = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(folder);
    const freeBytes = Math.min(bavail * bsize, process.availableMemory());
    accessSync(folder, constants.W_OK);
    return freeBytes < memoryNeededBytes ? null : folder;
  } catch {
    return null; // no Linux, or not for us
  }
}
