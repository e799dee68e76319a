/**
 * `Idempotency-Key`s: a key is claimed by the statement that creates what its request asks for, and
 * keeps the answer for repetitions. Used by every POST that creates.
 */
import { sql } from 'kysely';
import type { Database } from './database/open-records.ts';

/**
 * A request that came with an `Idempotency-Key`: who it is, and the answer to keep for its
 * repetitions.
 */
export interface KeyedRequest<Answer extends object> {
  key: string;
  requestHash: string;
  answer: Answer;
}

export type CreateOutcome<Answer extends object> = { status: 'created' } | UsedKey<Answer>;

/** What a request finds whose key is not free. */
export type UsedKey<Answer extends object> =
  | { status: 'replayed'; answer: Answer }
  | { status: 'key_reused' }
  | { status: 'in_flight' };

/**
 * The select list of a CTE that has one row where the key was free, and none otherwise. The
 * advisory lock tells two requests with one key that run at the same time from one that repeats
 * another.
 */
export function claimKey(projectId: string, keyed: KeyedRequest<object>, responseStatus: number) {
  return sql`
    insert into kiln.idempotency_keys (project_id, key, request_hash, response_status, response_body)
    select ${projectId}, ${keyed.key}, ${keyed.requestHash}, ${responseStatus}::smallint, ${JSON.stringify(keyed.answer)}::json
    where pg_try_advisory_xact_lock(hashtextextended(${`${projectId} ${keyed.key}`}, 0))
    on conflict do nothing returning 1`;
}

/** For a request that did not get its key. */
export async function findUsedKey<Answer extends object>(
  db: Database,
  projectId: string,
  { key, requestHash }: Omit<KeyedRequest<Answer>, 'answer'> & { answer?: Answer },
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
