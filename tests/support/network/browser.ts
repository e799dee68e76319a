/**
 * Opens a page in Chromium, without a window. Names below `.example` lead to this machine. The page
 * itself says what it saw, by requests to the server that it came from.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { forget, guardProcess } from '../engines/guard.ts';
import { temporaryFolder } from '../engines/server-process.ts';

/** The page is closed with the test. */
export function openPage(url: string): void {
  const { path, remove } = temporaryFolder('browser');
  const args = [
    '--headless=new',
    '--no-sandbox', // Chromium refuses to run as root with one
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--no-first-run',
    `--user-data-dir=${path}`,
    '--host-resolver-rules=MAP *.example 127.0.0.1',
    url,
  ];
  const browser = spawn(findBrowser(), args, { stdio: 'ignore', detached: true });
  const { pid = 0 } = browser;
  guardProcess(pid, 'SIGKILL');
  onTestFinished(async () => {
    const closed = once(browser, 'exit');
    process.kill(-pid, 'SIGKILL'); // the group: Chromium is many processes
    await closed;
    forget(pid);
    remove();
  });
}

function findBrowser(): string {
  const found = findOnPath();
  if (found !== undefined) return found;
  console.log('No Chromium on PATH: installing the Debian package chromium …');
  const install = ['install', '-q', '-y', '--no-install-recommends', 'chromium'];
  for (const args of [['-q', 'update'], install])
    execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const installed = findOnPath();
  if (installed === undefined) throw new Error('There is no chromium on PATH; install it.');
  return installed;
}

function findOnPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}
