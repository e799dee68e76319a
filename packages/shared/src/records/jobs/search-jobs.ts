/**
 * Searches for text in prompts and for pairs of metadata. Reading every job would take seconds at a
 * million, so a search reads the newest jobs, which answers common words at once, and takes older
 * ones that have ended from an index: of trigrams, or of pairs. Older jobs that still wait are not
 * in the indexes, and without the extension pg_trgm there is no index of trigrams: then the answer
 * says that it is not complete.
 */
import { sql, type RawBuilder } from 'kysely';
import { openJobStatuses, terminalJobStatuses } from '../../domain/job-state.ts';
import { literals, patternOf } from '../database/literals.ts';
import { toStorableJson } from '../database/storable-json.ts';
import type { Database } from '../database/open-records.ts';
import { listColumns } from '../database/job-columns.ts';
import { passes, type JobFilter, type JobRow } from './jobs.ts';

/** Takes about 20 ms. */
const newestRead = 5_000;

export interface FoundJobs {
  /** Newest first, with one row more than the limit if there are more. */
  rows: JobRow[];
  /** False: jobs that were not read, or are not in the index, may match as well. */
  isComplete: boolean;
  /**
   * The search ended at this job, and a search after it continues. Null: there is no older match
   * in the index.
   */
  continueAfter: string | null;
}

/** What is searched for, one of them at least: both have to match. */
export interface SearchFilter extends JobFilter {
  /** Text that the prompt contains. */
  q?: string | undefined;
  /** Pairs that the metadata contains. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

export async function searchJobs(
  db: Database,
  projectId: string,
  filter: SearchFilter,
  newest = newestRead,
): Promise<FoundJobs> {
  const limit = filter.limit + 1;
  const recent = await searchNewest(db, projectId, filter, newest);
  if (recent.ids.length >= limit || recent.oldest === null)
    return { rows: await readJobs(db, recent.ids), isComplete: true, continueAfter: null };
  const after = recent.oldest;
  if (!isInIndex(filter) || (filter.metadata === undefined && !(await hasPromptIndex(db))))
    return { rows: await readJobs(db, recent.ids), isComplete: false, continueAfter: after };
  const older = { ...filter, after };
  const ids = await searchIndex(db, projectId, older, limit - recent.ids.length);
  const isOpen = await hasOpen(db, projectId, older);
  const rows = await readJobs(db, [...recent.ids, ...ids]);
  return { rows, isComplete: !isOpen, continueAfter: null };
}

/** `oldest` is null if no older job passes the filter. */
async function searchNewest(
  db: Database,
  projectId: string,
  filter: SearchFilter,
  newest: number,
): Promise<{ ids: string[]; oldest: string | null }> {
  const { rows } = await sql<{ ids: string[]; oldest: string | null }>`
    with recent as materialized (
      select id, request->>'prompt' as prompt, metadata from kiln.jobs
        where ${passes(projectId, filter)}
        order by id desc limit ${newest}::int
    )
    select array(select id from recent where ${matches(filter, sql`prompt`)}
      order by id desc limit ${filter.limit + 1}::int) as ids,
      (select case when count(*) >= ${newest}::int then min(id) end from recent) as oldest`.execute(
    db,
  );
  return rows[0] ?? { ids: [], oldest: null };
}

/**
 * The newest matches among the jobs that have ended. The other conditions stay outside the inner
 * query, so that the planner can only use the index, or read the table if most of it matches.
 */
async function searchIndex(
  db: Database,
  projectId: string,
  filter: SearchFilter,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with found as materialized (
      select id, project_id, status, batch_id, model, custom_id, error, deleted_at from kiln.jobs
      where status in (${literals(terminalJobStatuses)})
        and ${matches(filter, sql`request->>'prompt'`)}
    )
    select id from found where ${passes(projectId, filter)}
      order by id desc limit ${limit}::int`.execute(db);
  return rows.map(({ id }) => id);
}

async function hasOpen(db: Database, projectId: string, filter: JobFilter): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.jobs where ${passes(projectId, filter)}
      and status in (${literals(openJobStatuses)}) limit 1`.execute(db);
  return rows.length > 0;
}

function readJobs(db: Database, ids: readonly string[]): Promise<JobRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('kiln.jobs')
    .select(listColumns)
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .orderBy('id', 'desc')
    .execute();
}

function matches({ q, metadata }: SearchFilter, prompt: RawBuilder<unknown>) {
  const conditions = [
    ...(q === undefined ? [] : [sql`${prompt} ilike ${patternOf(q)}`]),
    // The first condition is that of the index.
    ...(metadata === undefined
      ? []
      : [sql`metadata <> '{}' and metadata @> ${toStorableJson(metadata)}::jsonb`]),
  ];
  return sql.join(conditions, sql` and `);
}

/**
 * Whether an index can answer the search: they hold only jobs that have ended, and that of trigrams
 * needs three letters or digits in a row.
 */
function isInIndex({ q, metadata, status }: SearchFilter): boolean {
  if (status !== undefined && openJobStatuses.includes(status)) return false;
  return metadata !== undefined || (q !== undefined && /[\p{L}\p{N}]{3}/u.test(q));
}

export async function hasPromptIndex(db: Database): Promise<boolean> {
  const { rows } = await sql`
    select from pg_index where indexrelid = to_regclass('kiln.jobs_by_prompt')
      and indisvalid`.execute(db);
  return rows.length > 0;
}
