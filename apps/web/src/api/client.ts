/** The one client of the page. The session's cookie says who it is; no key is kept here. */
import { createClient } from '@kiln/client/client';
import { baseUrl } from '../app/base-path.ts';
import { noteSignedOut } from './session.ts';

export const client = createClient({ baseUrl, onUnauthorized: noteSignedOut });

/** The address of something the API serves, such as a picture: `address('v1/jobs/…')`. */
export function address(path: string): string {
  return new URL(path.replace(/^\//, ''), baseUrl).href;
}
