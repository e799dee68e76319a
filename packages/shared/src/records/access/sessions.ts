/** Sessions: browsers that traded an API key for a cookie. All times are the database's. */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';
import { prepared } from '../database/prepared.ts';

export interface SessionRow {
  keyHash: Buffer;
  createdAt: Date;
  expiresAt: Date;
}

const columns = sql.raw(
  'key_hash as "keyHash", created_at as "createdAt", expires_at as "expiresAt"',
);

export interface NewSession {
  projectId: string;
  tokenHash: Buffer;
  keyHash: Buffer;
  idleSeconds: number;
  /** Sessions of the key beyond this number end, those first that would end first. */
  maxOfKey: number;
}

export async function insertSession(db: Database, session: NewSession): Promise<SessionRow> {
  const { projectId, tokenHash, keyHash, idleSeconds, maxOfKey } = session;
  const { rows } = await sql<SessionRow>`
    with surplus as (
      delete from kiln.sessions where token_hash in (
        select token_hash from kiln.sessions where key_hash = ${keyHash}
        order by expires_at desc offset ${maxOfKey - 1}::int)
    )
    insert into kiln.sessions (token_hash, project_id, key_hash, expires_at)
    values (${tokenHash}, ${projectId}, ${keyHash},
      clock_timestamp() + ${idleSeconds}::int * interval '1 second')
    returning ${columns}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a session was not inserted');
  return row;
}

export interface FoundSession extends SessionRow {
  /** Its end was not moved for `extendSeconds`. */
  isDue: boolean;
}

export async function findSession(
  db: Database,
  tokenHash: Buffer,
  limits: { idleSeconds: number; extendSeconds: number },
): Promise<FoundSession | undefined> {
  const untouchedSeconds = limits.idleSeconds - limits.extendSeconds;
  const { rows } = await prepared<FoundSession>(
    'kiln-find-session',
    sql`
    select ${columns}, expires_at < clock_timestamp() + ${untouchedSeconds}::int
      * interval '1 second' as "isDue"
    from kiln.sessions where token_hash = ${tokenHash} and expires_at > clock_timestamp()`,
  ).execute(db);
  return rows[0];
}

/** Moves the end of a session. Undefined: it has ended, or another request moved it just now. */
export async function extendSession(
  db: Database,
  tokenHash: Buffer,
  limits: { idleSeconds: number; extendSeconds: number },
): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    update kiln.sessions set expires_at = clock_timestamp()
      + ${limits.idleSeconds}::int * interval '1 second'
    where token_hash = ${tokenHash} and expires_at > clock_timestamp()
      and expires_at < clock_timestamp()
        + ${limits.idleSeconds - limits.extendSeconds}::int * interval '1 second'
    returning ${columns}`.execute(db);
  return rows[0];
}

export async function deleteSession(db: Database, tokenHash: Buffer): Promise<void> {
  await sql`delete from kiln.sessions where token_hash = ${tokenHash}`.execute(db);
}

/** Returns how many were deleted. */
export async function deleteEndedSessions(db: Database): Promise<number> {
  const result = await sql`
    delete from kiln.sessions where expires_at <= clock_timestamp()`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
