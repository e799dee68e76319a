/**
 * Opens a page in Chromium, without a window. Names below `.example` lead to this machine. The page
 * itself says what it saw, by requests to the server that it came from.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { forget, guardProcess } from '../engines/guard.ts';
import { temporaryFolder } from '../engines/server-process.ts';
import { openChromiumProgram } from './chromium.ts';

/** The page is closed with the test. */
export async function openAddress(url: string): Promise<void> {
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
  const browser = spawn(await openChromiumProgram(), args, { stdio: 'ignore', detached: true });
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
