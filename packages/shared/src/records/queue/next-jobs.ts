/** Reads the jobs that start next: few rows of each pool and route, whatever the backlog. */
import { sql } from 'kysely';
import type { QueueStage } from '../../domain/queue/start-order.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { windowOrder } from '../jobs/dispatches.ts';
import { isWaiting } from '../jobs/fair-tags.ts';

/** What decides when a job starts. */
export interface Turn {
  id: string;
  stage: QueueStage;
  route: string;
  model: string;
  /** The pool of a job that was dispatched. */
  pool: string | null;
  priority: number;
  fairTag: number;
  dispatchedAtMs: number | null;
  restsMs: number;
  images: number;
  tokens: number;
}

const turnColumns = sql`id, route, model, pool, priority, fair_tag as "fairTag",
  extract(epoch from dispatched_at)::float8 * 1000 as "dispatchedAtMs",
  greatest(0, extract(epoch from available_at - clock_timestamp()) * 1000)::float8 as "restsMs",
  n as images, coalesce(tokens_estimated, 0) as tokens`;

/**
 * The first jobs of these pools' windows and of these routes, at most `limit` of each, and all that
 * workers have claimed and not begun.
 * @param routes `refused`: models whose jobs do not start, and which are left out
 */
export async function readTurns(
  db: Database,
  pools: readonly string[],
  routes: readonly { route: string; refused: readonly string[] }[],
  limit: number,
): Promise<Turn[]> {
  const { rows } = await sql<Turn>`
    select 'claimed' as stage, ${turnColumns} from kiln.jobs
    where status = 'in_progress' and pool = any(${[...pools]}::text[])
      and not exists (select from kiln.attempts where attempts.job_id = jobs.id
        and attempts.status = 'in_flight')
    union all
    select 'dispatched', job.* from unnest(${[...pools]}::text[]) as asked(pool)
    cross join lateral (
      select ${turnColumns} from kiln.jobs where jobs.pool = asked.pool and status = 'queued'
        and dispatched_at is not null
      order by ${windowOrder} limit ${limit}::int) as job
    union all
    select 'waiting', job.* from jsonb_to_recordset(${toStorableJson(routes)}::jsonb)
      as asked(route text, refused jsonb),
      lateral (select array(select jsonb_array_elements_text(asked.refused)) as models) as refused
    cross join lateral (
      select ${turnColumns} from kiln.jobs where jobs.route = asked.route and ${isWaiting}
        and model <> all(refused.models)
      order by priority, fair_tag, id limit ${limit}::int) as job`.execute(db);
  return rows;
}

/** What an answer shows of a job that starts soon. */
export interface NextJob {
  id: string;
  batch_id: string | null;
  row_number: number | null;
  custom_id: string | null;
  prompt: string;
  size: string | null;
  source_file_id: string | null;
  status: 'queued' | 'in_progress';
  lacks: 'store_away' | 'spool_full' | null;
  available_at: Date;
}

/** Those of the jobs that belong to the project. */
export async function readNextJobs(
  db: Database,
  projectId: string,
  ids: readonly string[],
  promptCharacters: number,
): Promise<NextJob[]> {
  const { rows } = await sql<NextJob>`
    select id, batch_id, row_number, custom_id,
      left(request ->> 'prompt', ${promptCharacters}::int) as prompt, request ->> 'size' as size,
      request -> 'images' -> 0 ->> 'file_id' as source_file_id, status, lacks, available_at
    from kiln.jobs where id = any(${[...ids]}::text[]) and project_id = ${projectId}`.execute(db);
  return rows;
}
