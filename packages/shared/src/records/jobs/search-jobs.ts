/**
 * Text search in prompts. Reading every job would take seconds at a million, so a search reads the
 * newest jobs, which answers common words at once, and takes older ones that have ended from a
 * trigram index. Older jobs that still wait are not in the index, and without the extension pg_trgm
 * there is none: then the answer says that it is not complete.
 */
import { sql } from 'kysely';
import { openJobStatuses, terminalJobStatuses } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
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

export async function searchJobs(
  db: Database,
  projectId: string,
  filter: JobFilter & { q: string },
  newest = newestRead,
): Promise<FoundJobs> {
  const limit = filter.limit + 1;
  const recent = await searchNewest(db, projectId, filter, newest);
  if (recent.ids.length >= limit || recent.oldest === null)
    return { rows: await readJobs(db, recent.ids), isComplete: true, continueAfter: null };
  const after = recent.oldest;
  if (!isInIndex(filter) || !(await hasPromptIndex(db)))
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
  filter: JobFilter & { q: string },
  newest: number,
): Promise<{ ids: string[]; oldest: string | null }> {
  const { rows } = await sql<{ ids: string[]; oldest: string | null }>`
    with recent as materialized (
      select id, request->>'prompt' as prompt from kiln.jobs where ${passes(projectId, filter)}
        order by id desc limit ${newest}::int
    )
    select array(select id from recent where prompt ilike ${patternOf(filter.q)}
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
  filter: JobFilter & { q: string },
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with found as materialized (
      select id, project_id, status, batch_id, model, deleted_at from kiln.jobs
      where status in (${literals(terminalJobStatuses)})
        and request->>'prompt' ilike ${patternOf(filter.q)}
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

/**
 * Whether the index can answer the search: it holds only jobs that have ended, and a search needs
 * three letters or digits in a row.
 */
function isInIndex({ q, status }: JobFilter & { q: string }): boolean {
  return /[\p{L}\p{N}]{3}/u.test(q) && (status === undefined || !openJobStatuses.includes(status));
}

async function hasPromptIndex(db: Database): Promise<boolean> {
  const { rows } = await sql`
    select from pg_index where indexrelid = to_regclass('kiln.jobs_by_prompt')
      and indisvalid`.execute(db);
  return rows.length > 0;
}

/** A pattern of LIKE that finds the text anywhere. */
export function patternOf(q: string): string {
  return `%${q.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
