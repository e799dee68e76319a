/**
 * Supervises one child process of `npm start`. A child that dies is started again for as long as
 * `npm start` runs, with a longer wait after each death; the other processes keep running
 * meanwhile. Only the first start may fail: its error is thrown. The child runs outside the
 * terminal's process group, so that Ctrl-C reaches `npm start` alone, and it ends when its IPC
 * channel closes.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRestartWait, restartWaits } from './restart-wait.ts';

export interface ChildCommand {
  name: string;
  /** Resolves when the process is ready. Rejects with one sentence, also when `signal` aborts. */
  start: (signal: AbortSignal) => Promise<ChildProcess>;
  /** The signal that asks the process to shut down gracefully. */
  stopSignal: NodeJS.Signals;
}

export interface Supervised {
  /** Asks the process to stop, or asks it once more. */
  signal(): void;
  /** Asks the process to stop; resolves when it has ended and will not be started again. */
  stop(): Promise<void>;
}

/** Uses a fifth less memory at rest, and is no slower under load, by `bench/submit.ts`. */
const smallYoungGeneration = '--max-semi-space-size=4';

/**
 * Makes glibc return the memory of decoded pictures to the system. Without it each arena keeps up
 * to 32 MB: hundreds of megabytes at rest. Other allocators ignore the variable.
 */
const returnMemory = { MALLOC_MMAP_THRESHOLD_: '1048576' };

/** Throws what the first start throws, such as a mistake in the configuration. */
export async function supervise(
  command: ChildCommand,
  say: (sentence: string) => void,
  waits = restartWaits,
): Promise<Supervised> {
  const stopping = new AbortController();
  const waitAfter = createRestartWait(waits);
  let child = await command.start(stopping.signal);
  const finished = superviseUntilStopped();

  async function superviseUntilStopped(): Promise<void> {
    for (;;) {
      const startedAt = performance.now();
      const how = await endOf(child);
      if (stopping.signal.aborted) return;
      const waitMs = waitAfter(performance.now() - startedAt);
      say(
        `the ${command.name} (process ${child.pid}) ${how}; starting it again in ` +
          `${waitMs / 1_000} s`,
      );
      await pause(waitMs);
      await startAgain();
      if (stopping.signal.aborted) return;
      say(`the ${command.name} runs again (process ${child.pid})`);
    }
  }

  /** Returns when the process runs, or when it is to stop; then it has ended. */
  async function startAgain(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        child = await command.start(stopping.signal);
        if (!stopping.signal.aborted) return;
        child.kill(command.stopSignal);
        await endOf(child);
      } catch (error) {
        if (stopping.signal.aborted) return;
        const waitMs = waitAfter(0);
        const reason = error instanceof Error ? error.message : String(error);
        say(
          `the ${command.name} could not be started again: ${reason}; trying again in ` +
            `${waitMs / 1_000} s`,
        );
        await pause(waitMs);
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined); // aborted: stop
  }

  function signalChild(): void {
    stopping.abort();
    if (!hasEnded(child)) child.kill(command.stopSignal);
  }

  return {
    signal: signalChild,
    async stop() {
      if (!stopping.signal.aborted) signalChild();
      await finished;
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Resolves when the process has ended, with how it ended as the end of a sentence. */
async function endOf(child: ChildProcess): Promise<string> {
  if (!hasEnded(child)) await once(child, 'exit');
  return child.signalCode === null
    ? `ended with code ${child.exitCode}`
    : `was killed by ${child.signalCode}`;
}

/**
 * Starts one of our TypeScript entries and waits for its first message, which `onReady` receives.
 * Rejects with what the process wrote to stderr when it ends before that, and ends it when `signal`
 * aborts before that.
 */
export async function startNode(options: {
  entry: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  onLog: (child: ChildProcess) => void;
  onReady?: (message: { url?: string }) => void;
  signal?: AbortSignal;
}): Promise<ChildProcess> {
  const child = spawn(process.execPath, [smallYoungGeneration, options.entry], {
    cwd: options.cwd,
    detached: true,
    env: {
      NODE_COMPILE_CACHE: join(options.cwd, 'node_modules/.cache/node'),
      ...returnMemory,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let errorText = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (errorText = (errorText + text).slice(-4_000)));
  options.onLog(child);
  const ready = once(child, 'message').then(([message]) => ({
    status: 'ready' as const,
    message: message as { url?: string },
  }));
  const ended = endOf(child).then((how) => ({ status: 'ended' as const, how }));
  const abort = (): boolean => child.kill('SIGTERM');
  options.signal?.addEventListener('abort', abort);
  const first = await Promise.race([ready, ended]);
  options.signal?.removeEventListener('abort', abort);
  if (first.status === 'ended' || options.signal?.aborted) {
    const { how } = await ended;
    throw new Error(errorText.trim() || `${options.entry} ${how} before it was ready`);
  }
  options.onReady?.(first.message);
  child.stderr?.pipe(process.stderr);
  return child;
}
