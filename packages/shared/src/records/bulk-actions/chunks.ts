/**
 * Writes a chunk of a bulk action: the change of up to 500 images, and how far the action has come.
 *
 * Problem: each image is to be changed once, although workers die, leases lapse, answers of commits
 * are lost and callers stop the action at any moment.
 * Approach: one transaction locks the row of the action, reads from it where the chunk begins,
 * changes the images and moves that place on. It writes only while the action is running.
 * Guarantee: what was written of an action is a beginning of its images, in their order, once each.
 */
import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { ImageFailure } from '../../schemas/gallery/bulk-action.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';
import type { LeasedBulkAction } from './bulk-action-runs.ts';
import { chosenByFilter, chosenById, type Place } from './chosen-images.ts';
import { effectOf } from './effects.ts';

/** The first failures of an action, which its row keeps. */
const mostFailures = 100;

/**
 * `written`: there may be more. `completed`: that was the last chunk. `over`: the action is not
 * running any more, or another run has begun. `no_album`: the album does not exist.
 */
export type ChunkOutcome = 'written' | 'completed' | 'over' | 'no_album';

export function writeChunk(
  db: Database,
  action: LeasedBulkAction,
  { images, leaseMs }: { images: number; leaseMs: number },
): Promise<ChunkOutcome> {
  return db.transaction().execute(async (transaction) => {
    const place = await lockAction(transaction, action);
    if (place === undefined) return 'over';
    if (action.params.album_id !== undefined && !(await lockAlbum(transaction, action)))
      return 'no_album';
    const chunk =
      action.image_ids === null
        ? await changeByFilter(transaction, action, place, images)
        : await changeById(transaction, action, action.image_ids, place, images);
    await moveOn(transaction, action, chunk, leaseMs);
    return chunk.isLast ? 'completed' : 'written';
  });
}

/**
 * A worker that is frozen in the middle must not keep its locks: the server ends the transaction.
 */
const longestIdleMs = 20_000;

/** Where the chunk begins. The lock makes a caller who stops the action wait for the chunk. */
async function lockAction(
  transaction: Transaction<Schema>,
  { id, run_no: no }: LeasedBulkAction,
): Promise<Place | undefined> {
  await sql`set local idle_in_transaction_session_timeout = ${sql.lit(longestIdleMs)}`.execute(
    transaction,
  );
  const { rows } = await sql<Place>`
    select cursor_job_id, cursor_index from kiln.bulk_actions
    where id = ${id} and run_no = ${no} and status = 'running'
    for no key update`.execute(transaction);
  return rows[0];
}

/** Keeps the album from being deleted until the chunk is written. */
async function lockAlbum(
  transaction: Transaction<Schema>,
  { project_id: projectId, params }: LeasedBulkAction,
): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.albums where id = ${params.album_id} and project_id = ${projectId}
    for key share`.execute(transaction);
  return rows.length > 0;
}

interface Chunk {
  /** Where the next chunk begins. */
  place: Place;
  done: number;
  failures: ImageFailure[];
  isLast: boolean;
}

async function changeByFilter(
  transaction: Transaction<Schema>,
  action: LeasedBulkAction,
  place: Place,
  images: number,
): Promise<Chunk> {
  const { rows } = await change<{ count: number; job_id: string | null; index: number | null }>(
    transaction,
    action,
    chosenByFilter(action, place, images),
    sql`count(*)::int as count, (array_agg(job_id order by job_id, index desc))[1] as job_id,
      (array_agg(index order by job_id, index desc))[1] as index`,
  );
  const [{ count, job_id: jobId, index } = { count: 0, job_id: null, index: null }] = rows;
  return {
    place: count === 0 ? place : { cursor_job_id: jobId, cursor_index: index },
    done: count,
    failures: [],
    isLast: count < images,
  };
}

async function changeById(
  transaction: Transaction<Schema>,
  action: LeasedBulkAction,
  ids: readonly string[],
  { cursor_index: begin }: Place,
  images: number,
): Promise<Chunk> {
  const end = (begin ?? 0) + images;
  const chunk = ids.slice(begin ?? 0, end);
  const { rows } = await change<{ id: string; refused: boolean }>(
    transaction,
    action,
    chosenById(action, chunk),
    sql`id, refused`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  const failures = chunk.flatMap((id) => describeFailure(id, found.get(id)) ?? []);
  return {
    place: { cursor_job_id: null, cursor_index: end },
    done: chunk.length - failures.length,
    failures,
    isLast: end >= ids.length,
  };
}

function describeFailure(
  id: string,
  found: { refused: boolean } | undefined,
): ImageFailure | undefined {
  if (found === undefined)
    return { id, code: 'image_not_found', message: 'the image does not exist, or was deleted' };
  if (found.refused)
    return { id, code: 'image_in_trash', message: 'the image is in the trash; restore it first' };
  return undefined;
}

/** @param shown what the statement returns of the chosen images */
function change<Row>(
  transaction: Transaction<Schema>,
  action: LeasedBulkAction,
  chosen: RawBuilder<unknown>,
  shown: RawBuilder<unknown>,
) {
  return sql<Row>`
    with chosen as materialized (${chosen}),
    effect as (${effectOf(action)})
    select ${shown} from chosen`.execute(transaction);
}

async function moveOn(
  transaction: Transaction<Schema>,
  { id }: LeasedBulkAction,
  { place, done, failures, isLast }: Chunk,
  leaseMs: number,
): Promise<void> {
  const ended = isLast
    ? sql`status = 'completed', finished_at = clock_timestamp(), lease_expires_at = null,
        total = done_count + ${done}::int + failed_count + ${failures.length}::int`
    : sql`lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
  await sql`
    update kiln.bulk_actions set done_count = done_count + ${done}::int,
      failed_count = failed_count + ${failures.length}::int,
      failures = jsonb_path_query_array(failures || ${toStorableJson(failures)}::jsonb,
        ${sql.lit(`$[0 to ${mostFailures - 1}]`)}),
      cursor_job_id = ${place.cursor_job_id}, cursor_index = ${place.cursor_index}::int,
      failed_runs = 0, lost_workers = 0, ${ended}
    where id = ${id}`.execute(transaction);
}
