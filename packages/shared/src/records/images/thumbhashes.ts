/** The ThumbHashes of images. */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

export interface ImageThumbhash {
  jobId: string;
  index: number;
  thumbhash: string;
}

/** Writes the hashes of images that have none. An image that was deleted meanwhile is left out. */
export async function keepThumbhashes(
  db: Database,
  hashes: readonly ImageThumbhash[],
): Promise<void> {
  await sql`
    update kiln.images i set thumbhash = made.thumbhash
    from jsonb_to_recordset(${toStorableJson(hashes)}::jsonb)
      as made("jobId" text, index int, thumbhash text)
    where i.job_id = made."jobId" and i.index = made.index and i.thumbhash is null`.execute(db);
}
