/**
 * One of Kiln's processes as production runs it: spawned, configured by its environment, ended by
 * signals.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { forget, guardProcess } from '../../support/engines/guard.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface KilnProcess {
  /** The message that the process sent to its parent when it was ready. */
  ready: Readonly<Record<string, unknown>>;
  pid: number;
  /** Everything the process has written so far. */
  output(): string;
  /** What of it went to standard error: an exception that nothing handled, warnings of Node.js. */
  errors(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended: with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** null while the process runs or is frozen. */
  end(): number | NodeJS.Signals | null;
}

const root = join(import.meta.dirname, '..', '..', '..');

export async function startProcess(
  app: 'api' | 'worker',
  env: Readonly<Record<string, string>>,
): Promise<KilnProcess> {
  const entry = join(root, 'apps', app, 'src', 'main.ts');
  const child = spawn(process.execPath, ['--trace-warnings', entry], {
    env: { PATH: '', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'), ...env },
    cwd: root,
    // Leaves the terminal's process group, so that only the test's signals reach it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const state: {
    output: string;
    errors: string;
    ready: KilnProcess['ready'] | null;
    end: number | NodeJS.Signals | null;
  } = {
    output: '',
    errors: '',
    ready: null,
    end: null,
  };
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => (state.output += text));
  }
  child.stderr!.on('data', (text: string) => (state.errors += text));
  child.on('message', (message) => {
    state.ready = message as KilnProcess['ready'];
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the process ${app} could not be spawned`);
  guardProcess(pid, 'SIGKILL');
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    // At `close`, unlike `exit`, all output has been read.
    child.once('close', (code, signal) => {
      forget(pid);
      resolve((state.end = code ?? signal ?? -1));
    });
  });

  const ready = await waitFor(() => (state.end === null ? state.ready : 'ended'), {
    what: `the process ${app} to be ready: ${state.output}`,
  });
  if (ready === 'ended') throw new Error(`the process ${app} did not start: ${state.output}`);
  return {
    ready,
    pid,
    ended,
    end: () => state.end,
    output: () => state.output,
    errors: () => state.errors,
    signal: (signal) => {
      if (state.end === null) child.kill(signal);
    },
  };
}

/**
 * Sends SIGTERM until the process ends. The process ignores a second signal that may be a duplicate
 * of the first, so one further signal may not be enough.
 */
export async function signalUntilItEnds(
  child: KilnProcess,
): Promise<Awaited<KilnProcess['ended']> | 'lives'> {
  return waitFor(
    async () => {
      child.signal('SIGTERM');
      const end = await Promise.race([child.ended, Promise.resolve('lives' as const)]);
      return end !== 'lives' && { end };
    },
    { what: 'the process to end' },
  ).then(({ end }) => end);
}
