/**
 * The images of a chunk: rows with `job_id`, `index` and `refused`, which says that the action
 * leaves the image alone because it is in the trash.
 */
import { sql, type RawBuilder } from 'kysely';
import type { LeasedBulkAction } from './bulk-action-runs.ts';

/**
 * Where the next chunk begins: after an image, or, where images were named one by one, after the
 * first `cursor_index` of them.
 */
export interface Place {
  cursor_job_id: string | null;
  cursor_index: number | null;
}

type Choice = Pick<
  LeasedBulkAction,
  'id' | 'project_id' | 'action' | 'params' | 'filter' | 'except_ids' | 'selected_at'
>;

/** The next images that match, newest job first. */
export function chosenByFilter(
  choice: Choice,
  { cursor_job_id: jobId, cursor_index: index }: Place,
  images: number,
): RawBuilder<unknown> {
  const after =
    jobId === null
      ? sql`true`
      : sql`image.job_id <= ${jobId} and (image.job_id < ${jobId} or image.index > ${index}::int)`;
  return sql`
    select image.job_id, image.index, false as refused
    from kiln.images image
    where image.project_id = ${choice.project_id} and ${matches(choice)} and ${after}
    order by image.job_id desc, image.index
    limit ${images}::int
    ${lock(choice)}`;
}

function matches({ params }: Choice): RawBuilder<unknown> {
  if (params.undo_of !== undefined)
    return sql`image.trashed_at is not null and image.trashed_by = ${params.undo_of}`;
  throw new Error('filters are not built yet');
}

/** Those of the named images that exist, with the `id` by which they were named. */
export function chosenById(choice: Choice, ids: readonly string[]): RawBuilder<unknown> {
  return sql`
    select named.id, image.job_id, image.index, ${refusal(choice)} as refused
    from unnest(${ids}::text[]) as named(id)
    join kiln.images image on image.project_id = ${choice.project_id}
      and image.job_id = split_part(named.id, '/', 1)
      and image.index = split_part(named.id, '/', 2)::int
    ${lock(choice)}`;
}

/** An image in the trash keeps its rating, star and albums for the day that it is restored. */
function refusal({ action }: Choice): RawBuilder<unknown> {
  return action === 'trash' || action === 'restore'
    ? sql`false`
    : sql`image.trashed_at is not null`;
}

/** Keeps the images from being deleted before they are in the album. */
function lock({ action }: Choice): RawBuilder<unknown> {
  return action === 'add_to_album' ? sql`for key share of image` : sql``;
}
