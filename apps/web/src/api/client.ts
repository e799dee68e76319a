/** The one client of the page. The session's cookie says who it is; no key is kept here. */
import { createClient } from '@kiln/client/client';
import { baseUrl } from '../app/base-path.ts';
import { noteSignedOut } from './session.ts';

export const client = createClient({ baseUrl, onUnauthorized: noteSignedOut });

/**
 * The address of something the API serves, such as a picture: `address('v1/jobs/…')`. The API
 * names pictures by its public address, which may differ from the one that this page was opened
 * by; an address of the store stays as it is.
 */
export function address(path: string): string {
  const found = /\/(v1\/(?:jobs|files)\/.*)$/.exec(path)?.[1];
  return new URL(found ?? path.replace(/^\//, ''), baseUrl).href;
}

/** Saves what the API serves at a path, under the name that the answer has. */
export function download(path: string): void {
  const link = document.createElement('a');
  link.href = address(path);
  link.download = '';
  link.click();
}

/**
 * A new idempotency key. `crypto.randomUUID` exists only where the page comes by https or from
 * this machine.
 */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `studio-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
