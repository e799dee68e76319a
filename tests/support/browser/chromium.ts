/** Finds Chromium on this machine, and installs Debian's where it is missing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}

/**
 * Resolves to the program. Where it is missing, root installs it with apt-get; the lock makes
 * several processes install it once.
 */
export async function openChromiumProgram(): Promise<string> {
  const found = findChromium();
  if (found !== undefined && !isBeingInstalled()) return found;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    const install =
      'command -v chromium || { apt-get -q update && apt-get -q -o DPkg::Lock::Timeout=300 ' +
      'install -y --no-install-recommends chromium fonts-noto-cjk; }';
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await promisify(execFile)('flock', [lockFile, 'sh', '-c', install], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
  }
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    `The tests of the studio need Chromium or Chrome, and PATH has none of: ${names.join(', ')}. ` +
      'Install one; on Debian, root may run: apt-get install chromium',
  );
}

const lockFile = join(tmpdir(), 'kiln-chromium.lock');

/** dpkg unpacks the program long before it may be used. */
function isBeingInstalled(): boolean {
  return existsSync(lockFile) && process.getuid?.() === 0;
}
