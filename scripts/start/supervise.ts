/**
 * One of our processes as a child: started, told apart from the terminal's Ctrl-C, and started
 * again when it dies, until it does so several times in a row. It hears of our own end by its IPC
 * channel, and does not outlive us.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildCommand {
  name: string;
  /** Starts it; resolves when it is ready, rejects with one sentence. */
  start: () => Promise<ChildProcess>;
  /** The signal that asks it to stop in order. */
  stopSignal: NodeJS.Signals;
}

export interface Supervised {
  /** Asks it to stop, or asks again. */
  signal(): void;
  /** Asks it to stop and resolves when it has. */
  stop(): Promise<void>;
}

/** A child that lived this long before it died is not in a loop. */
const steadyMs = 30_000;
const restartsInARow = 3;
const restartDelayMs = 300;
/** A fifth less memory at rest, and no slower under load, by `bench/submit.ts`. */
const smallYoungGeneration = '--max-semi-space-size=4';

/**
 * glibc otherwise keeps what pictures have freed, up to 32 MB in each of its arenas: hundreds of
 * megabytes at rest. Other systems' allocators do not know the name.
 */
const givenBack = { MALLOC_MMAP_THRESHOLD_: '1048576' };

export async function supervise(
  command: ChildCommand,
  say: (sentence: string) => void,
  giveUp: (reason: string) => void,
): Promise<Supervised> {
  let stopping = false;
  let deaths = 0;
  let child = await command.start();
  watch();

  function watch(): void {
    const startedAt = Date.now();
    const watched = child;
    watched.once('exit', (code, signal) => {
      if (stopping) return;
      const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
      deaths = Date.now() - startedAt > steadyMs ? 1 : deaths + 1;
      if (deaths > restartsInARow) {
        giveUp(`the ${command.name} ${how}, ${deaths} times in a row`);
        return;
      }
      say(`the ${command.name} (process ${watched.pid}) ${how}; starting it again`);
      void restart();
    });
  }

  async function restart(): Promise<void> {
    await delay(restartDelayMs);
    if (stopping) return;
    try {
      child = await command.start();
      if (stopping) child.kill(command.stopSignal);
      watch();
      say(`the ${command.name} runs again (process ${child.pid})`);
    } catch (error) {
      giveUp(error instanceof Error ? error.message : String(error));
    }
  }

  function isRunning(): boolean {
    return child.exitCode === null && child.signalCode === null;
  }

  return {
    signal() {
      stopping = true;
      if (isRunning()) child.kill(command.stopSignal);
    },
    async stop() {
      const wasAsked = stopping;
      stopping = true;
      if (!isRunning()) return;
      const ended = once(child, 'exit');
      if (!wasAsked) child.kill(command.stopSignal);
      await ended;
    },
  };
}

/**
 * Starts a TypeScript entry of ours and waits for its `ready` or `listening` message; what it says
 * of itself is handed to `onReady`.
 */
export async function startNode(options: {
  entry: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  onLog: (child: ChildProcess) => void;
  onReady?: (message: { url?: string }) => void;
}): Promise<ChildProcess> {
  const child = spawn(process.execPath, [smallYoungGeneration, options.entry], {
    cwd: options.cwd,
    detached: true,
    env: {
      NODE_COMPILE_CACHE: join(options.cwd, 'node_modules/.cache/node'),
      ...givenBack,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (complaint = (complaint + text).slice(-4_000)));
  options.onLog(child);
  const ready = once(child, 'message').then(([message]) => ({
    status: 'ready' as const,
    message: message as { url?: string },
  }));
  const ended = once(child, 'exit').then(() => ({ status: 'ended' as const }));
  const first = await Promise.race([ready, ended]);
  if (first.status === 'ended')
    throw new Error(
      complaint.trim() === '' ? `${options.entry} ended before it was ready` : complaint.trim(),
    );
  options.onReady?.(first.message);
  child.stderr?.pipe(process.stderr);
  return child;
}
