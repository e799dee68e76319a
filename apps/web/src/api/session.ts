/**
 * Who the visitor is. Where the API has keys, the sign-in page trades one for a session, whose
 * cookie the browser keeps from scripts. Any answer of 401 ends in `signed-out`, and the frame
 * shows the sign-in page until the visitor is back.
 */
import { atom } from 'nanostores';
import { baseUrl } from '../app/base-path.ts';

/** `open`: the API has no keys, and there is nothing to sign in to. */
export type Session = 'unknown' | 'open' | 'signed-in' | 'signed-out';

export const session = atom<Session>('unknown');

export function noteSignedOut(): void {
  session.set('signed-out');
}

const sessionUrl = new URL('v1/session', baseUrl);

/** Asks the API. Leaves the session as it is while the API cannot be reached. */
export async function refreshSession(): Promise<Session> {
  try {
    const response = await fetch(sessionUrl, { headers: { accept: 'application/json' } });
    if (response.status === 401) session.set('signed-out');
    else if (response.status === 404) session.set('open');
    else if (response.ok) session.set(readState((await response.json()) as SessionBody));
  } catch {
    // The API cannot be reached; the live connection says so.
  }
  return session.get();
}

interface SessionBody {
  authenticated?: boolean;
  keys_required?: boolean;
}

function readState(body: SessionBody): Session {
  if (body.keys_required !== true) return 'open';
  return body.authenticated === true ? 'signed-in' : 'signed-out';
}

export type SignInProblem = 'wrong-key' | 'busy' | 'unreachable';

/** Trades a key for a session. Returns null when the visitor is signed in. */
export async function signIn(key: string): Promise<SignInProblem | null> {
  try {
    const response = await fetch(sessionUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });
    if (response.ok) {
      session.set('signed-in');
      return null;
    }
    if (response.status === 429) return 'busy';
    return response.status >= 500 ? 'unreachable' : 'wrong-key';
  } catch {
    return 'unreachable';
  }
}

export async function signOut(): Promise<void> {
  await fetch(sessionUrl, { method: 'DELETE' }).catch(() => undefined);
  session.set('signed-out');
}
