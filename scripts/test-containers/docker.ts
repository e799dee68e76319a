/**
 * Runs Docker and Docker Compose for `npm run test:containers`, in a project and a folder of the
 * run's own. Nothing of the shell's environment reaches the containers, and no `.env` of the
 * checkout: a run must not call a real provider.
 */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Project {
  name: string;
  folder: string;
  /** The settings, written to `.env` before each command. */
  settings: Record<string, string>;
  profiles: string[];
  /** Compose files in the folder. */
  files: string[];
  /** Throws with the output when the command fails. */
  compose(...args: string[]): Promise<string>;
  /** Returns the output of Docker Compose whether it failed or not. */
  tryCompose(...args: string[]): Promise<Output>;
  /** Runs a program with the project's environment; returns its output whether it failed or not. */
  run(file: string, ...args: string[]): Promise<Output>;
  /** Evaluates JavaScript in a container, and returns what it prints. */
  evaluate(service: string, script: string): Promise<string>;
  remove(): Promise<void>;
}

export function createProject(): Project {
  const name = `kiln-test-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'kiln-containers-'));
  chmodSync(folder, 0o755); // for the user of the containers
  copyFileSync(join(root, 'docker-compose.yml'), join(folder, 'docker-compose.yml'));
  const project: Project = {
    name,
    folder,
    settings: {},
    profiles: ['demo'],
    files: ['docker-compose.yml'],
    async compose(...args) {
      const { code, stdout, stderr } = await project.tryCompose(...args);
      if (code !== 0)
        throw new Error(`docker compose ${args.join(' ')}: code ${code}\n${tail(stdout + stderr)}`);
      return stdout;
    },
    tryCompose: (...args) => project.run('docker', 'compose', ...args),
    run(file, ...args) {
      const lines = Object.entries(project.settings).map(([key, value]) => `${key}='${value}'\n`);
      writeFileSync(join(folder, '.env'), lines.join(''));
      return runProgram(file, args, {
        ...environmentOfDocker(),
        COMPOSE_PROJECT_NAME: name,
        COMPOSE_PROFILES: project.profiles.join(','),
        COMPOSE_FILE: project.files.map((each) => join(folder, each)).join(':'),
        COMPOSE_PATH_SEPARATOR: ':',
      });
    },
    evaluate: async (service, script) =>
      (await project.compose('exec', '-T', service, 'node', '-e', script)).trim(),
    async remove() {
      await project.tryCompose('down', '--volumes', '--remove-orphans', '-t', '0');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return project;
}

/** Throws with the output when the command fails. */
export async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('docker', args, environmentOfDocker());
  if (code !== 0)
    throw new Error(`docker ${args.join(' ')}: code ${code}\n${tail(stdout + stderr)}`);
  return stdout.trim();
}

/** The machine that publishes the ports. */
export function engineHost(): string {
  const url = URL.parse(process.env.DOCKER_HOST ?? '');
  return url !== null && url.hostname !== '' ? url.hostname : '127.0.0.1';
}

function environmentOfDocker(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) =>
      value !== undefined && /^(PATH|HOME|TMPDIR|SSH_AUTH_SOCK|DOCKER_.*|BUILDX_.*)$/.test(key)
        ? [[key, value] as const]
        : [],
    ),
  );
}

function runProgram(file: string, args: string[], env: Record<string, string>): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.once('error', (error) =>
      reject(new Error(`${file} cannot be run: ${error.message}. Install Docker and Compose.`)),
    );
    child.once('close', (code) => resolve({ code: code ?? 1, ...output }));
  });
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-20).join('\n');
}
