/**
 * Inserts new jobs; they are durable when the promise resolves. Jobs that arrive together share a
 * statement (`database/group-writes.ts`). Inserts are repeated over a short outage of the database
 * and write each job once. Keyed requests and edits have statements of their own. Used by
 * `services/jobs/`.
 */
import { sql } from 'kysely';
import type { Routes } from '../../models/routes.ts';
import type { Job, WaitReason } from '../../schemas/job.ts';
import { retryWhileUnavailable } from '../database/availability.ts';
import { groupWrites } from '../database/group-writes.ts';
import { transactionWithEvents, writeEvents } from '../events/write-events.ts';
import { competingRoutes, nextTag } from './fair-tags.ts';
import { lockFiles } from '../files/files.ts';
import {
  claimKey,
  resolveUsedKey,
  type CreateOutcome,
  type KeyedRequest,
} from '../idempotency-keys.ts';
import { settleReused, type ReusedJob } from '../reuse/settle-reused.ts';
import type { JobRow } from './jobs.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

/** A new job, and why it waits (default: `pace`), for its first event. */
export type NewJob = JobRow & { wait_reason?: WaitReason };

export interface JobIntake {
  /**
   * Inserts a queued job, its first event and, for a keyed request, the key with its answer: all of
   * them or nothing.
   */
  create(job: NewJob, keyed: KeyedRequest<Job> | null): Promise<CreateOutcome<Job>>;
  /**
   * The same for a job with files, which must not be deleted from then on. Inserts nothing if one
   * of them does not exist.
   */
  createEdit(
    job: NewJob,
    keyed: KeyedRequest<Job> | null,
  ): Promise<CreateOutcome<Job> | MissingFiles>;
  /** The same for a job whose images were made before: it has succeeded when it is written. */
  createReused(
    job: NewJob,
    keyed: KeyedRequest<Job> | null,
    reused: ReusedJob,
  ): Promise<CreateOutcome<Job> | MissingFiles>;
}

export interface MissingFiles {
  status: 'no_files';
  fileIds: string[];
}

export function createJobIntake(db: Database, routes: Routes): JobIntake {
  const competing = competingRoutes(routes);
  const insert = groupWrites({
    async write(rows: readonly NewJob[]) {
      await retryWhileUnavailable(() => insertJobs(db, rows, competing));
      return rows.map(() => ({ status: 'created' }) as const);
    },
    keyOf: ({ id }) => id,
  });

  return {
    async create(row, keyed) {
      if (keyed !== null)
        return retryWhileUnavailable(() => createKeyed(db, row, keyed, competing));
      return insert(row);
    },
    createEdit: (row, keyed) =>
      retryWhileUnavailable(() =>
        transactionWithEvents(db, (transaction) => createEdit(transaction, row, keyed, competing)),
      ),
    createReused: (row, keyed, reused) =>
      retryWhileUnavailable(() =>
        transactionWithEvents(db, async (transaction) => {
          const outcome = await createEdit(transaction, row, keyed, competing);
          if (outcome.status === 'created') await settleReused(transaction, [reused]);
          return outcome;
        }),
      ),
  };
}

/**
 * Locks the job's files first. Deleting a file locks its row and then looks for jobs (`files.ts`),
 * so one of the two sees the other.
 */
async function createEdit(
  db: Database,
  row: NewJob,
  keyed: KeyedRequest<Job> | null,
  competing: string,
): Promise<CreateOutcome<Job> | MissingFiles> {
  const missing = await lockFiles(db, row.project_id, row.source_file_ids ?? []);
  if (missing.length > 0) {
    // A repeated request gets its answer even if its files are gone.
    const used = keyed === null ? null : await resolveUsedKey(db, row.project_id, keyed);
    return used === null || used.status === 'in_flight'
      ? { status: 'no_files', fileIds: missing }
      : used;
  }
  if (keyed !== null) return createKeyed(db, row, keyed, competing);
  await insertJobs(db, [row], competing);
  return { status: 'created' };
}

async function insertJobs(db: Database, rows: readonly NewJob[], competing: string): Promise<void> {
  await writeEvents(
    db,
    (insert) => sql`
    with ${taggedRecords(rows, competing)}, job as (
      insert into kiln.jobs (${newColumns}, fair_tag) select ${newColumns}, fair_tag from tagged
      on conflict (id) do nothing -- written already, by a try whose answer was lost
      returning id, project_id, batch_id, status
    )
    ${insert.job('job.created', sql`true`, waitReasonsOf(rows))}`,
  );
}

async function createKeyed(
  db: Database,
  job: NewJob,
  keyed: KeyedRequest<Job>,
  competing: string,
): Promise<CreateOutcome<Job>> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ created: boolean }>`
    with ${taggedRecords([job], competing)}, claimed as (${claimKey(job.project_id, keyed, 202)}
    ), job as (
      insert into kiln.jobs (${newColumns}, fair_tag) select ${newColumns}, fair_tag
        from claimed, tagged
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.created', sql`true`, waitReasonsOf([job]))})
    select true as created from job`,
  );
  return rows.length > 0 ? { status: 'created' } : resolveUsedKey(db, job.project_id, keyed);
}

function waitReasonsOf(rows: readonly NewJob[]) {
  const reasons = Object.fromEntries(rows.map((row) => [row.id, row.wait_reason ?? 'pace']));
  return sql`jsonb_build_object('queue', jsonb_build_object('reason',
    ${toStorableJson(reasons)}::jsonb -> id))`;
}

/**
 * The columns of a new job, apart from its fair-share tag. Every other column starts with its
 * default.
 */
const newColumns = sql.raw(
  `id, project_id, endpoint, model, deployment, route, request, source_file_ids, metadata, warnings,
   priority, max_attempts, request_id, cost_estimated_micros, cost_basis, created_at,
   webhook, n, tokens_estimated, derived_from, request_key, dedupe`,
);

/**
 * `tagged`: the rows with their tags. Within a flow, new jobs come in the order of their ids, after
 * the jobs that already wait.
 */
function taggedRecords(rows: readonly NewJob[], competing: string) {
  return sql`
    new as (
      select *, project_id as flow, row_number() over (partition by route, priority, project_id
        order by id) - 1 as number
      from jsonb_to_recordset(${toStorableJson(rows)}::jsonb) as new (
        id text, project_id text, endpoint text, model text, deployment text, route text,
          request jsonb, source_file_ids text[], metadata jsonb, warnings jsonb,
        priority smallint, max_attempts int, request_id text, cost_estimated_micros bigint,
          cost_basis text, created_at timestamptz, webhook jsonb, n smallint, tokens_estimated int,
          derived_from text, request_key text, dedupe text)
    ), flow as materialized (
      select *, ${nextTag(sql`flow`, competing)} as tag from (select distinct route, priority, flow
        from new) as flow
    ), tagged as (
      select new.*, flow.tag + new.number as fair_tag from new join flow using (route, priority,
        flow)
    )`;
}
