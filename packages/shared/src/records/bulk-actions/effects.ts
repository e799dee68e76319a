/**
 * What an action does to the images that a chunk has chosen, as one statement over the rows
 * `chosen` (job_id, index, refused). An image that is as it should be is not written again.
 */
import { sql, type RawBuilder } from 'kysely';
import type { LeasedBulkAction } from './bulk-action-runs.ts';

export function effectOf({ id, action, params }: LeasedBulkAction): RawBuilder<unknown> {
  switch (action) {
    case 'rate':
      return update(
        sql`rating = ${params.rating}::smallint`,
        sql`rating is distinct from ${params.rating}::smallint`,
      );
    case 'star':
      return update(sql`starred = ${params.starred}`, sql`starred <> ${params.starred}`);
    case 'trash':
      return update(
        sql`trashed_at = clock_timestamp(), trashed_by = ${id}`,
        sql`trashed_at is null`,
      );
    case 'restore':
      return update(sql`trashed_at = null, trashed_by = null`, sql`trashed_at is not null`);
    case 'add_to_album':
      return sql`
        insert into kiln.album_images (album_id, job_id, index)
        select ${params.album_id}, job_id, index from chosen where not refused
        on conflict do nothing`;
    case 'remove_from_album':
      return sql`
        delete from kiln.album_images image using chosen
        where image.album_id = ${params.album_id} and image.job_id = chosen.job_id
          and image.index = chosen.index`;
    case 'again':
      throw new Error('the action "again" changes no image');
  }
}

function update(set: RawBuilder<unknown>, where: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    update kiln.images image set ${set} from chosen
    where image.job_id = chosen.job_id and image.index = chosen.index and not chosen.refused
      and ${where}`;
}
