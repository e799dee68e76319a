/**
 * The system user who runs the embedded PostgreSQL when `npm start` is run as root, because
 * PostgreSQL refuses to run as root. The records hold prompts and secrets, so the user runs nothing
 * else: any process of its user may read the records and end the server.
 */
import { execFileSync } from 'node:child_process';

export interface SystemUser {
  uid: number;
  gid: number;
}

export const systemUserName = 'kiln-postgres';

/** How each system makes a user without a password, a home and a shell. */
const creations: readonly (readonly [string, ...string[]][])[] = [
  [
    [
      'useradd',
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir=/nonexistent',
      '--shell=/usr/sbin/nologin',
      systemUserName,
    ],
  ],
  [
    ['addgroup', '-S', systemUserName],
    [
      'adduser',
      '-S',
      '-D',
      '-H',
      '-h',
      '/nonexistent',
      '-s',
      '/sbin/nologin',
      '-G',
      systemUserName,
      systemUserName,
    ],
  ],
];

/** Several processes may create the user at once: the later ones find the list of users locked. */
const tries = 20;
const pauseMs = 250;

/** Finds the user, or creates it. Throws one sentence that says what to do. */
export function findSystemUser(): SystemUser {
  for (let left = tries; ; left -= 1) {
    const found = lookUp();
    if (found !== null) return found;
    const refusals = creations.map(create);
    const created = lookUp();
    if (created !== null) return created;
    if (left === 0 || !refusals.some((refusal) => /lock|busy/i.test(refusal)))
      throw new Error(
        `PostgreSQL refuses to run as root, and the system user ${systemUserName} could not be ` +
          `created (${refusals.join('; ')}): create it ("useradd --system --user-group ` +
          `${systemUserName}"), run npm start as another user, or set DATABASE_URL`,
      );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
}

function lookUp(): SystemUser | null {
  try {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(run('id', flag, systemUserName)));
    return uid === undefined || gid === undefined || uid === 0 ? null : { uid, gid };
  } catch {
    return null; // there is no such user
  }
}

/** Returns what went wrong, or an empty text. */
function create(commands: readonly (readonly [string, ...string[]])[]): string {
  try {
    for (const [program, ...parameters] of commands) run(program, ...parameters);
    return '';
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    return (stderr.trim() || message).split('\n')[0] ?? '';
  }
}

function run(program: string, ...parameters: string[]): string {
  return execFileSync(program, parameters, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
