/**
 * What a selection stands for: images that match a filter when it is used, among those that existed
 * when it was made, or images that were chosen one by one.
 */
import { sql, type RawBuilder } from 'kysely';
import type { ImageFilter } from '../../schemas/gallery/image-filter.ts';
import type { ImageKey } from '../../schemas/gallery/image-id.ts';
import type { Database } from '../database/open-records.ts';
import { hasPromptIndex } from '../jobs/search-jobs.ts';
import {
  isAfter,
  isFoundByIndex,
  isFoundInJob,
  isInIndex,
  isOneOf,
  isSearch,
  passes,
  wallOrder,
} from './filter-images.ts';

export interface ImageChoice {
  /** Null: the images of `imageIds`. */
  filter: ImageFilter | null;
  exceptIds: readonly string[];
  imageIds: readonly string[] | null;
  /** Null: it is used while it is made. */
  selectedAt: Date | null;
}

export type ChosenImage = ImageKey & { batchId: string | null };

/** The keys of up to `limit` chosen images after `after`, in the order of the wall. */
export async function listChosen(
  db: Database,
  projectId: string,
  choice: ImageChoice,
  { after, limit }: { after: ImageKey | null; limit: number },
): Promise<ChosenImage[]> {
  const conditions = await conditionsOf(db, projectId, choice);
  if (after !== null) conditions.push(isAfter(after));
  const { rows } = await sql<ChosenImage>`
    select i.job_id as "jobId", i.index, i.batch_id as "batchId" from kiln.images i
    where ${sql.join(conditions, sql` and `)}
    order by ${wallOrder} limit ${limit}::int`.execute(db);
  return rows;
}

export async function countChosen(
  db: Database,
  projectId: string,
  choice: ImageChoice,
): Promise<number> {
  const conditions = await conditionsOf(db, projectId, choice);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from kiln.images i
    where ${sql.join(conditions, sql` and `)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The condition that chosen images meet, on `i`, the row of the image. */
export async function conditionOfChoice(
  db: Database,
  projectId: string,
  choice: ImageChoice,
): Promise<RawBuilder<boolean>> {
  return sql<boolean>`${sql.join(await conditionsOf(db, projectId, choice), sql` and `)}`;
}

async function conditionsOf(
  db: Database,
  projectId: string,
  { filter, exceptIds, imageIds, selectedAt }: ImageChoice,
): Promise<RawBuilder<unknown>[]> {
  if (filter === null) return [sql`i.project_id = ${projectId}`, isOneOf(imageIds ?? [])];
  const conditions = passes(projectId, filter);
  // The time has fewer digits here than in the records.
  if (selectedAt !== null)
    conditions.push(sql`i.created_at <= ${selectedAt}::timestamptz + interval '1 millisecond'`);
  if (isSearch(filter)) {
    const byIndex =
      isInIndex(filter) && (filter.metadata !== undefined || (await hasPromptIndex(db)));
    conditions.push(byIndex ? isFoundByIndex(filter) : isFoundInJob(filter));
  }
  if (exceptIds.length > 0) conditions.push(sql`not ${isOneOf(exceptIds)}`);
  return conditions;
}
