/** Installs Debian packages for tests and checks. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const lockFile = join(tmpdir(), 'kiln-apt.lock');

/** Whether this process may install packages: on Debian, as root. */
export function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** Whether a process may be installing, or has installed, since this machine started. */
export function hasInstalled(): boolean {
  return existsSync(lockFile);
}

/**
 * Installs packages with apt-get; processes that do so at once take turns. Does nothing where the
 * command `unless` is there when it is its turn. Throws what apt-get printed.
 */
export async function installPackages(
  packages: readonly string[],
  { unless = '' }: { unless?: string } = {},
): Promise<void> {
  const install =
    'test -n "$1" && command -v "$1" || { shift; apt-get -q update && ' +
    'apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }';
  await promisify(execFile)('flock', [lockFile, 'sh', '-c', install, 'sh', unless, ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });
}
