/** The jobs that were sent from this browser, newest first, in all of its tabs. */
import { atom } from 'nanostores';
import { readStored, store } from '../../../app/stored.ts';

const key = 'kiln-created-jobs';
const most = 200;

export const recentJobs = atom<readonly string[]>(read());

/** Reads before it writes: another tab may have sent a job in between. */
export function rememberJob(id: string): void {
  write([id, ...read().filter((each) => each !== id)].slice(0, most));
}

export function forgetJob(id: string): void {
  write(read().filter((each) => each !== id));
}

function write(ids: readonly string[]): void {
  store(key, JSON.stringify(ids));
  recentJobs.set(ids);
}

function read(): string[] {
  try {
    const stored: unknown = JSON.parse(readStored(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

addEventListener('storage', (event) => {
  if (event.key === key) recentJobs.set(read());
});
