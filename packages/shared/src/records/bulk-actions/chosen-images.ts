/**
 * The images of a chunk: those that come next, and the rows `chosen` of a statement that changes
 * them. Such a row has `job_id`, `index`, and `refused` where the action leaves the image alone
 * because of the trash.
 */
import { sql, type RawBuilder } from 'kysely';
import type { ImageKey } from '../../schemas/gallery/image-id.ts';
import type { Database } from '../database/open-records.ts';
import { isAfter, wallOrder } from '../gallery/filter-images.ts';
import { listChosen } from '../gallery/selected-images.ts';
import type { LeasedBulkAction } from './bulk-action-runs.ts';

/** The next images of an action that does not name them one by one, newest job first. */
export async function listNext(
  db: Database,
  action: LeasedBulkAction,
  page: { after: ImageKey | null; limit: number },
): Promise<ImageKey[]> {
  const { project_id: projectId, params } = action;
  if (params.undo_of === undefined)
    return listChosen(
      db,
      projectId,
      {
        filter: action.filter,
        exceptIds: action.except_ids ?? [],
        imageIds: null,
        selectedAt: action.selected_at,
      },
      page,
    );
  const after = page.after === null ? sql`true` : isAfter(page.after);
  const { rows } = await sql<ImageKey>`
    select i.job_id as "jobId", i.index from kiln.images i
    where i.project_id = ${projectId} and i.trashed_at is not null
      and i.trashed_by = ${params.undo_of} and ${after}
    order by ${wallOrder} limit ${page.limit}::int`.execute(db);
  return rows;
}

/** Those of the images that exist. */
export function chosen(
  { project_id: projectId, action }: LeasedBulkAction,
  keys: readonly ImageKey[],
  trashDays: number,
): RawBuilder<unknown> {
  return sql`
    select i.job_id, i.index, ${refusal(action, trashDays)} as refused
    from unnest(${keys.map(({ jobId }) => jobId)}::text[],
        ${keys.map(({ index }) => index)}::int[]) as key(job_id, index)
      join kiln.images i on i.job_id = key.job_id and i.index = key.index
    where i.project_id = ${projectId} ${action === 'add_to_album' ? lock : sql``}`;
}

/** Keeps the images from being deleted before they are in the album. */
const lock = sql`for key share of i`;

/**
 * An image in the trash keeps its rating, star and albums for the day that it is restored. One
 * whose time there is over cannot be restored, because its object may be gone.
 */
function refusal(action: LeasedBulkAction['action'], trashDays: number): RawBuilder<unknown> {
  switch (action) {
    case 'trash':
      return sql`false`;
    case 'restore':
      return sql`(i.trashed_at is not null
        and i.trashed_at <= clock_timestamp() - ${trashDays}::int * interval '1 day')`;
    default:
      return sql`i.trashed_at is not null`;
  }
}
