/**
 * The conditions of the wall's filter on rows `i` of kiln.images. Most columns are copied from the
 * job, and each filter that leaves few images has an index in the order of the wall
 * (`0022-gallery.sql`). What only the job has is looked up in the indexes of jobs.
 */
import { sql, type RawBuilder } from 'kysely';
import { terminalJobStatuses } from '../../domain/job-state.ts';
import type { ImageFilter } from '../../schemas/gallery/image-filter.ts';
import { parseImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import { literals, patternOf } from '../database/literals.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { idAt } from '../jobs/jobs.ts';

/** Newest job first, and the images of a job in their order. */
export const wallOrder = sql`i.job_id desc, i.index`;
export const wallOrderBack = sql`i.job_id, i.index desc`;

/** Texts are searched for apart (`search-images.ts`). */
export type PlainFilter = Omit<ImageFilter, 'q' | 'metadata'>;
export type TextFilter = Pick<ImageFilter, 'q' | 'metadata'>;

export function passes(projectId: string, filter: PlainFilter): RawBuilder<unknown>[] {
  const conditions = [
    sql`i.project_id = ${projectId}`,
    filter.trashed === true ? sql`i.trashed_at is not null` : sql`i.trashed_at is null`,
  ];
  const add = (condition: RawBuilder<unknown>): void => void conditions.push(condition);
  if (filter.batch_id !== undefined) add(sql`i.batch_id = ${filter.batch_id}`);
  if (filter.job_id !== undefined) add(sql`i.job_id = ${filter.job_id}`);
  if (filter.model !== undefined) add(sql`i.model = ${filter.model}`);
  if (filter.custom_id !== undefined)
    add(sql`i.job_id in (select id from kiln.jobs where project_id = ${projectId}
      and custom_id is not null and custom_id = ${filter.custom_id})`);
  if (filter.created_after !== undefined) add(sql`i.job_id >= ${idAt(filter.created_after + 1)}`);
  if (filter.created_before !== undefined) add(sql`i.job_id < ${idAt(filter.created_before)}`);
  // The conditions name the predicates of their indexes, which are partial.
  if (filter.edited !== undefined) add(filter.edited ? sql`i.edited` : sql`not i.edited`);
  if (filter.derived !== undefined) add(filter.derived ? sql`i.derived` : sql`not i.derived`);
  conditions.push(...passesMarks(filter), ...passesSize(filter));
  return conditions;
}

function passesMarks(filter: PlainFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  const add = (condition: RawBuilder<unknown>): void => void conditions.push(condition);
  if (filter.rating !== undefined) add(sql`i.rating = ${filter.rating}::int`);
  if (filter.rating_min !== undefined) add(sql`i.rating >= ${filter.rating_min}::int`);
  if (filter.unrated !== undefined)
    add(filter.unrated ? sql`i.rating is null` : sql`i.rating is not null`);
  if (filter.starred !== undefined) add(filter.starred ? sql`i.starred` : sql`not i.starred`);
  if (filter.album_id !== undefined)
    add(sql`exists (select from kiln.album_images a where a.album_id = ${filter.album_id}
      and a.job_id = i.job_id and a.index = i.index)`);
  if (filter.no_album !== undefined) {
    const isInAlbum = sql`exists (select from kiln.album_images a where a.job_id = i.job_id
      and a.index = i.index)`;
    add(filter.no_album ? sql`not ${isInAlbum}` : isInAlbum);
  }
  return conditions;
}

function passesSize(filter: PlainFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  const add = (condition: RawBuilder<unknown>): void => void conditions.push(condition);
  if (filter.size !== undefined) {
    const [width, height] = filter.size.split('x').map(Number);
    add(sql`i.width = ${width}::int and i.height = ${height}::int`);
  }
  if (filter.min_width !== undefined) add(sql`i.width >= ${filter.min_width}::int`);
  if (filter.min_height !== undefined) add(sql`i.height >= ${filter.min_height}::int`);
  if (filter.max_width !== undefined) add(sql`i.width <= ${filter.max_width}::int`);
  if (filter.max_height !== undefined) add(sql`i.height <= ${filter.max_height}::int`);
  return conditions;
}

/** Behind this image in the order of the wall. */
export function isAfter({ jobId, index }: ImageKey): RawBuilder<unknown> {
  return sql`i.job_id <= ${jobId} and (i.job_id < ${jobId} or i.index > ${index}::int)`;
}

/** Ahead of this image in the order of the wall. */
export function isBefore({ jobId, index }: ImageKey): RawBuilder<unknown> {
  return sql`i.job_id >= ${jobId} and (i.job_id > ${jobId} or i.index < ${index}::int)`;
}

/** This image, and those behind it. */
export function isFrom({ jobId, index }: ImageKey): RawBuilder<unknown> {
  return sql`i.job_id <= ${jobId} and (i.job_id < ${jobId} or i.index >= ${index}::int)`;
}

/** Conditions on a row `j` of kiln.jobs. */
export function hasText({ q, metadata }: TextFilter): RawBuilder<unknown> {
  const conditions = [
    ...(q === undefined ? [] : [sql`j.request->>'prompt' ilike ${patternOf(q)}`]),
    // The first condition is that of the index.
    ...(metadata === undefined
      ? []
      : [sql`j.metadata <> '{}' and j.metadata @> ${toStorableJson(metadata)}::jsonb`]),
  ];
  return sql.join(conditions, sql` and `);
}

/**
 * The jobs of the images are found through an index. Other conditions stay outside of the inner
 * query, so that the planner can only use the index, or read the table if most of it matches.
 */
export function isFoundByIndex(filter: TextFilter): RawBuilder<unknown> {
  return sql`i.job_id in (select j.id from kiln.jobs j
    where j.status in (${literals(terminalJobStatuses)}) and ${hasText(filter)} offset 0)`;
}

/** The same condition where no index has such texts: the job of each image is read. */
export function isFoundInJob(filter: TextFilter): RawBuilder<unknown> {
  return sql`exists (select from kiln.jobs j where j.id = i.job_id and ${hasText(filter)})`;
}

/** The index of prompts has words with three letters or digits in a row. */
export function isInIndex({ q, metadata }: TextFilter): boolean {
  return metadata !== undefined || (q !== undefined && /[\p{L}\p{N}]{3}/u.test(q));
}

export function isSearch({ q, metadata }: TextFilter): boolean {
  return q !== undefined || metadata !== undefined;
}

/** These images, whatever the order of their ids. */
export function isOneOf(ids: readonly string[]): RawBuilder<unknown> {
  const keys = ids.map(parseImageId);
  return sql`(i.job_id, i.index) in (select * from unnest(
    ${keys.map(({ jobId }) => jobId)}::text[], ${keys.map(({ index }) => index)}::int[]))`;
}
