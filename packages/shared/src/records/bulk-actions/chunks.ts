/**
 * Writes a chunk of a bulk action: the change of up to 500 images, and how far the action has come.
 *
 * Problem: each image is to be changed once, although workers die, leases lapse, answers of commits
 * are lost and callers stop the action at any moment.
 * Approach: one transaction locks the row of the action, reads from it where the chunk begins,
 * changes the images and moves that place on. It writes only while the action is running.
 * Guarantee: what was written of an action is a beginning of its images, in their order, once each.
 */
import { sql, type Transaction } from 'kysely';
import type { ImageFailure } from '../../schemas/gallery/bulk-action.ts';
import { parseImageId, toImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';
import type { LeasedBulkAction } from './bulk-action-runs.ts';
import type { BulkActionRow } from './bulk-actions.ts';
import { chosen, listNext } from './chosen-images.ts';
import { effectOf } from './effects.ts';

/** The first failures of an action, which its row keeps. */
const mostFailures = 100;

/**
 * `written`: there may be more. `completed`: that was the last chunk. `over`: the action is not
 * running any more, or another run has begun. `no_album`: the album does not exist.
 */
export type ChunkOutcome = 'written' | 'completed' | 'over' | 'no_album';

/**
 * Where the next chunk begins: after an image, or, where images were named one by one, after the
 * first `cursor_index` of them.
 */
type Place = Pick<BulkActionRow, 'cursor_job_id' | 'cursor_index'>;

export interface ChunkLimits {
  images: number;
  leaseMs: number;
  /** How long images stay in the trash. Then their objects may be gone. */
  trashDays: number;
}

export function writeChunk(
  db: Database,
  action: LeasedBulkAction,
  limits: ChunkLimits,
): Promise<ChunkOutcome> {
  return db.transaction().execute(async (transaction) => {
    const place = await lockAction(transaction, action);
    if (place === undefined) return 'over';
    if (action.params.album_id !== undefined && !(await lockAlbum(transaction, action)))
      return 'no_album';
    const part = await findPart(transaction, action, place, limits.images);
    const failures = await change(transaction, action, part.keys, limits.trashDays);
    await moveOn(transaction, action, part, failures, limits.leaseMs);
    return part.isLast ? 'completed' : 'written';
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

/** The images of a chunk, and where the next one begins. */
interface Part {
  keys: readonly ImageKey[];
  next: Place;
  isLast: boolean;
}

async function findPart(
  transaction: Transaction<Schema>,
  action: LeasedBulkAction,
  place: Place,
  images: number,
): Promise<Part> {
  const { cursor_job_id: jobId, cursor_index: index } = place;
  if (action.image_ids !== null) {
    const end = (index ?? 0) + images;
    return {
      keys: action.image_ids.slice(index ?? 0, end).map(parseImageId),
      next: { cursor_job_id: null, cursor_index: end },
      isLast: end >= action.image_ids.length,
    };
  }
  const after = jobId === null ? null : { jobId, index: index ?? 0 };
  const keys = await listNext(transaction, action, { after, limit: images });
  const last = keys.at(-1);
  return {
    keys,
    next: last === undefined ? place : { cursor_job_id: last.jobId, cursor_index: last.index },
    isLast: keys.length < images,
  };
}

/** Changes the images, and returns those that could not be changed. */
async function change(
  transaction: Transaction<Schema>,
  action: LeasedBulkAction,
  keys: readonly ImageKey[],
  trashDays: number,
): Promise<ImageFailure[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<{ id: string; refused: boolean }>`
    with chosen as materialized (${chosen(action, keys, trashDays)}),
    effect as (${effectOf(action)})
    select job_id || '/' || index as id, refused from chosen`.execute(transaction);
  const found = new Map(rows.map(({ id, refused }) => [id, refused]));
  return keys.flatMap((key) => {
    const id = toImageId(key);
    const refused = found.get(id);
    if (refused === false) return [];
    return refused === true && action.action !== 'restore'
      ? { id, code: 'image_in_trash', message: 'the image is in the trash; restore it first' }
      : { id, code: 'image_not_found', message: 'the image does not exist, or was deleted' };
  });
}

async function moveOn(
  transaction: Transaction<Schema>,
  { id }: LeasedBulkAction,
  { keys, next, isLast }: Part,
  failures: readonly ImageFailure[],
  leaseMs: number,
): Promise<void> {
  const done = keys.length - failures.length;
  const ended = isLast
    ? sql`status = 'completed', finished_at = clock_timestamp(), lease_expires_at = null,
        total = done_count + ${done}::int + failed_count + ${failures.length}::int`
    : sql`lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
  await sql`
    update kiln.bulk_actions set done_count = done_count + ${done}::int,
      failed_count = failed_count + ${failures.length}::int,
      failures = jsonb_path_query_array(failures || ${toStorableJson(failures)}::jsonb,
        ${sql.lit(`$[0 to ${mostFailures - 1}]`)}),
      cursor_job_id = ${next.cursor_job_id}, cursor_index = ${next.cursor_index}::int,
      failed_runs = 0, lost_workers = 0, ${ended}
    where id = ${id}`.execute(transaction);
}
