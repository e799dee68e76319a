/** Runs `npm start` as a child process and lists the processes below it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { forget, guardProcess } from '../../support/engines/guard.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface StartedKiln {
  pid: number;
  /**
   * Resolves with the URL of the API. Throws the output on stderr when Kiln does not become ready.
   */
  ready(): Promise<string>;
  output: { stdout: string; stderr: string };
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended; the code is null for a signal. */
  ended: Promise<number | null>;
}

export interface RunningProcess {
  pid: number;
  parent: number;
  command: string;
}

const root = join(import.meta.dirname, '../../..');

/**
 * A separate environment: neither the shell's keys nor those of a `.env` in the checkout take part.
 */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  DATABASE_URL: '',
  REDIS_URL: '',
  STORAGE_URL: '',
  KILN_SIMULATOR_URL: '',
  KILN_API_KEYS: '',
  OPENAI_API_KEY: '',
  AZURE_OPENAI_API_IMAGE_KEY: '',
  AZURE_OPENAI_API_IMAGE_ENDPOINT: '',
  AZURE_OPENAI_API_KEY: '',
  AZURE_OPENAI_ENDPOINT: '',
  HOST: '',
  PORT: '0',
  LOG_LEVEL: 'warn',
  KILN_RPM: '600',
  SIMULATOR_LATENCY_MS: '0',
  SIMULATOR_PICTURES: 'tiny',
};

export function startAll(env: Record<string, string>): StartedKiln {
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    cwd: root,
    env: {
      ...environment,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('npm start could not be spawned');
  guardProcess(pid, 'SIGTERM');
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // At `close`, unlike `exit`, all output has arrived.
  const ended = once(child, 'close').then(([code]) => {
    forget(pid);
    return code as number | null;
  });
  atEndOfFile(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return {
    pid,
    output,
    ended,
    signal: (signal) => void child.kill(signal),
    async ready() {
      const url = () => /Kiln is ready at (\S+)/.exec(output.stdout)?.[1];
      await waitFor(() => url() !== undefined || child.exitCode !== null, {
        what: 'Kiln to be ready',
      });
      return url() ?? Promise.reject(new Error(`Kiln did not start: ${output.stderr}`));
    },
  };
}

/**
 * Lists the running processes below one, at any depth, without those that have ended and wait to be
 * reaped.
 */
export function processesBelow(pid: number): RunningProcess[] {
  const all = listProcesses();
  const found: RunningProcess[] = [];
  for (const parents = [pid]; parents.length > 0;) {
    const parent = parents.shift();
    const children = all.filter((candidate) => candidate.parent === parent);
    found.push(...children);
    parents.push(...children.map((child) => child.pid));
  }
  return found;
}

/**
 * Finds the process below one whose command line contains the text. Throws when there is none,
 * because a signal to process 0 would reach this run.
 */
export function processBelow(pid: number, text: string): RunningProcess {
  const found = processesBelow(pid).find(({ command }) => command.includes(text));
  if (found === undefined) throw new Error(`there is no process with "${text}" below ${pid}`);
  return found;
}

export function stillRunning(processes: readonly RunningProcess[]): RunningProcess[] {
  const all = listProcesses();
  return processes.filter(({ pid, command }) =>
    all.some((other) => other.pid === pid && other.command === command),
  );
}

function listProcesses(): RunningProcess[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state = '', command = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // PostgreSQL servers show their state in their command line.
    return state.startsWith('Z')
      ? []
      : [
          {
            pid: Number(pid),
            parent: Number(parent),
            command: command.replace(/^(postgres: ).*/, '$1'),
          },
        ];
  });
}
