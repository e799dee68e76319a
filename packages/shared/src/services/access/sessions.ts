/**
 * Sessions of browsers: a configured key is traded for a token once, and the token works as the key
 * does. A session ends when it is not used for a week, when it is signed out, and when its key is
 * no longer configured.
 */
import type { ApiKeys } from '../../access/api-keys.ts';
import {
  createAttemptLimiter,
  signInLimits,
  type AttemptLimiter,
} from '../../access/attempt-limiter.ts';
import {
  buildSessionToken,
  hashSessionToken,
  maxSessionsOfKey,
  sessionExtendSeconds as extendSeconds,
  sessionIdleSeconds as idleSeconds,
} from '../../access/session-token.ts';
import { KilnError } from '../../errors.ts';
import {
  deleteSession,
  extendSession,
  findSession,
  insertSession,
  type SessionRow,
} from '../../records/access/sessions.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Caller } from '../caller.ts';

export interface SessionDeps {
  db: Database;
  keys: ApiKeys;
  attempts: AttemptLimiter;
}

export function createSessionDeps(db: Database, keys: ApiKeys): SessionDeps {
  return { db, keys, attempts: createAttemptLimiter(signInLimits) };
}

export interface OpenedSession {
  token: string;
  session: SessionRow;
}

/**
 * Trades a key for a session. Throws `too_many_sign_ins`, `invalid_api_key` and, without configured
 * keys, `invalid_request`.
 * @param previousToken the session that the browser has: it ends
 */
export async function openSession(
  { db, keys, attempts }: SessionDeps,
  { projectId }: Pick<Caller, 'projectId'>,
  { key, address, previousToken }: { key: string; address: string; previousToken: string | null },
): Promise<OpenedSession> {
  const waitMs = attempts.take(address, Date.now());
  if (waitMs > 0)
    throw new KilnError(
      'too_many_sign_ins',
      'key: too many keys were tried from this address; try again later',
      { param: 'key', retryAfterMs: waitMs },
    );
  if (!keys.areRequired)
    throw new KilnError(
      'invalid_request',
      'key: no key is configured, so every request is accepted without one',
      { param: 'key' },
    );
  const keyHash = keys.find(key);
  if (keyHash === null)
    throw new KilnError('invalid_api_key', 'key: the key is unknown; use one of KILN_API_KEYS', {
      param: 'key',
    });
  const token = buildSessionToken();
  const tokenHash = hashSessionToken(token);
  if (tokenHash === null) throw new Error('a new token is not a token');
  const session = await insertSession(db, {
    projectId,
    tokenHash,
    keyHash,
    idleSeconds,
    maxOfKey: maxSessionsOfKey,
  });
  if (previousToken !== null) await endSession({ db }, previousToken);
  return { token, session };
}

export interface ResumedSession {
  session: SessionRow;
  /** The end was moved, so the browser has to keep its cookie longer as well. */
  isExtended: boolean;
}

/** Null: there is no such session any more, or its key is no longer configured. */
export async function resumeSession(
  { db, keys }: Pick<SessionDeps, 'db' | 'keys'>,
  token: string,
): Promise<ResumedSession | null> {
  const tokenHash = hashSessionToken(token);
  if (tokenHash === null) return null;
  const limits = { idleSeconds, extendSeconds };
  const found = await findSession(db, tokenHash, limits);
  if (found === undefined || !keys.isKnown(found.keyHash)) return null;
  const extended = found.isDue ? await extendSession(db, tokenHash, limits) : undefined;
  return { session: extended ?? found, isExtended: extended !== undefined };
}

/** Ends a session. Ending it again changes nothing. */
export async function endSession({ db }: Pick<SessionDeps, 'db'>, token: string): Promise<void> {
  const tokenHash = hashSessionToken(token);
  if (tokenHash !== null) await deleteSession(db, tokenHash);
}
