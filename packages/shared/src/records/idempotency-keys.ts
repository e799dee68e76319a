/**
 * Idempotency keys. The statement that creates an object also claims the request's key and keeps
 * the answer for repeated requests, so the object and its answer stand or fall together. Every POST
 * that creates something uses these.
 */
import { sql } from 'kysely';
import type { Database } from './database/open-records.ts';
import { toStorableJson } from './database/storable-json.ts';

/** The API object that a request creates. Its id is new for each request. */
interface Created {
  id: string;
}

/** A request with an `Idempotency-Key`, and the answer to keep for its repetitions. */
export interface KeyedRequest<Answer extends Created> {
  key: string;
  requestHash: string;
  answer: Answer;
}

export type CreateOutcome<Answer extends Created> = { status: 'created' } | UsedKey<Answer>;

/** Why a request cannot claim its key. */
export type UsedKey<Answer extends Created> =
  | { status: 'replayed'; answer: Answer }
  | { status: 'key_reused' }
  | { status: 'in_flight' };

/**
 * The statement of a CTE that returns one row if it claimed the key, and none otherwise. The
 * advisory lock distinguishes two requests with one key that run at the same time from one that
 * repeats the other.
 */
export function claimKey(projectId: string, keyed: KeyedRequest<Created>, responseStatus: number) {
  return sql`
    insert into kiln.idempotency_keys (project_id, key, request_hash, response_status,
      response_body)
    select ${projectId}, ${keyed.key}, ${keyed.requestHash}, ${responseStatus}::smallint,
      ${toStorableJson(keyed.answer)}::json
    where pg_try_advisory_xact_lock(hashtextextended(${`${projectId} ${keyed.key}`}, 0))
    on conflict do nothing returning 1`;
}

/**
 * Looks up the use of a key for a request that could not claim it, or has not tried to claim it.
 */
export async function findUsedKey<Answer extends Created>(
  db: Database,
  projectId: string,
  { key, requestHash }: { key: string; requestHash: string },
): Promise<UsedKey<Answer>> {
  const earlier = await db
    .selectFrom('kiln.idempotency_keys')
    .select(['request_hash', 'response_body'])
    .where('project_id', '=', projectId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (earlier === undefined) return { status: 'in_flight' };
  if (earlier.request_hash !== requestHash) return { status: 'key_reused' };
  return { status: 'replayed', answer: earlier.response_body as Answer };
}

/**
 * The outcome of an insert that could not claim its key. An insert is repeated when its connection
 * is lost before the commit is confirmed, and then finds the answer that it wrote itself, which has
 * the same id: the object was created by this request.
 */
export async function resolveUsedKey<Answer extends Created>(
  db: Database,
  projectId: string,
  keyed: KeyedRequest<Answer>,
): Promise<CreateOutcome<Answer>> {
  const used = await findUsedKey<Answer>(db, projectId, keyed);
  const isOwn = used.status === 'replayed' && used.answer.id === keyed.answer.id;
  return isOwn ? { status: 'created' } : used;
}
