/** Finds Chromium on this machine, and installs Debian's where it is missing. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  hasInstalled,
  installPackages,
  mayInstall,
} from '../../../scripts/test/install-packages.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}

/**
 * Resolves to the program. Where it is missing, it is installed. One that is being installed, which
 * dpkg unpacks long before it may be used, is waited for.
 */
export async function openChromiumProgram(): Promise<string> {
  const found = findChromium();
  if (mayInstall() && (found === undefined || hasInstalled()))
    await installPackages(['chromium', 'fonts-noto-cjk'], { unless: found ?? 'chromium' });
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    `The tests of the studio need Chromium or Chrome, and PATH has none of: ${names.join(', ')}. ` +
      'Install one; on Debian, root may run: apt-get install chromium',
  );
}
