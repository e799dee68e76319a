/**
 * Claims: which worker executes which job. Each is one compare-and-set by the database's clock. The
 * worker and the dispatch identify a claim, so a worker that was frozen past its lease can neither
 * start a call nor take the job from another worker. `settlements.ts` says what its late answer may
 * still do.
 */
import { sql, type RawBuilder } from 'kysely';
import type { AttemptStatus } from '../../domain/attempt-state.ts';
import { jobStatusesBefore, type JobStatus } from '../../domain/job-state.ts';
import { failedRunPauseMs, maxFailedRuns } from '../../domain/retry-policy.ts';
import { literals } from '../database/literals.ts';
import { writeEvents } from '../events/write-events.ts';
import { tagOfReturned } from './fair-tags.ts';
import type { JobRow } from './jobs.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

/** Identifies one claim of a job. */
export interface Claim {
  jobId: string;
  worker: string;
  dispatchNo: number;
}

/** What decisions need of an attempt in the ledger. */
export interface AttemptSummary {
  no: number;
  status: AttemptStatus;
  /** The code of the attempt's fault. */
  code: string | null;
}

export type ClaimOutcome =
  | { status: 'claimed'; job: JobRow; attempts: AttemptSummary[]; closed: string[] }
  | { status: 'early'; waitMs: number }
  | { status: 'stale' };

/**
 * The job is cancelled if that was requested and no call is unsettled. An unsettled call may have
 * its answer in the spool, and then the job has succeeded.
 */
const statusOnReturn = sql<JobStatus>`case when cancel_requested_at is not null and not exists (
  select from kiln.attempts a where a.job_id = jobs.id and a.status = 'in_flight') then 'cancelled'
    else 'queued' end`;

/** Deployments that are paused, or refuse the job's model, and whose next probe is not due. */
const closedDeployments = sql`(select coalesce(jsonb_agg(closed.name), '[]') from (
  select name from kiln.paused_deployments paused
  where paused_until > clock_timestamp() and not exists (select from kiln.pools
    where pools.name = paused.pool and paused_by = 'fault')
  union select deployment from kiln.paused_models paused
  where paused.model = claimed.model and paused_until > clock_timestamp()) as closed)`;

/**
 * Jobs of a batch that is being cancelled do not start, even before each of them is cancelled, and
 * those of a batch that failed because they could not be cancelled do not start either. A job with
 * an unsettled call is claimed nevertheless: its answer may be in the spool.
 */
const mayStart = sql`not parked and (batch_id is null
  or not exists (select from kiln.batches b where b.id = batch_id
    and b.status in ('cancelling', 'failed'))
  or exists (select from kiln.attempts a where a.job_id = jobs.id and a.status = 'in_flight'))`;

/**
 * Step 1 for different jobs: queued → in_progress. `early`: the job is not available yet. `stale`:
 * it is no longer queued, or was dispatched again. Does not wait for the disk: if a crash of the
 * database server undoes a claim, its worker opens no attempt, and the job is claimed again.
 */
export async function claimJobs(
  db: Database,
  claims: readonly Claim[],
  leaseMs: number,
): Promise<ClaimOutcome[]> {
  const asked = sql`jsonb_to_recordset(${toStorableJson(claims)}::jsonb)
    as asked("jobId" text, "dispatchNo" int, worker text)`;
  const { rows } = await sql<JobRow & { attempts: AttemptSummary[]; closed: string[] }>`
    with claimed as (
      update kiln.jobs set status = 'in_progress', lacks = null,
        lease_owner = asked.worker,
        lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      from ${asked}
      where id = asked."jobId" and status in (${literals(jobStatusesBefore('in_progress'))})
        and dispatch_no = asked."dispatchNo" and available_at <= clock_timestamp() and ${mayStart}
      returning jobs.*
    ), unsynced as materialized (
      select set_config('synchronous_commit', 'off', true)
    )
    select claimed.*, (select coalesce(jsonb_agg(jsonb_build_object('no', a.no, 'status',
      a.status, 'code', a.error ->> 'code') order by a.no), '[]')
      from kiln.attempts a where a.job_id = claimed.id) as attempts,
      ${closedDeployments} as closed
    from claimed, unsynced`.execute(db);
  const claimed = new Map(rows.map((row) => [row.id, row]));
  const waiting =
    rows.length === claims.length
      ? new Map<string, number>()
      : await readWaits(
          db,
          claims.filter(({ jobId }) => !claimed.has(jobId)),
        );
  return claims.map(({ jobId }) => {
    const job = claimed.get(jobId);
    if (job !== undefined)
      return { status: 'claimed', job, attempts: job.attempts, closed: job.closed };
    const waitMs = waiting.get(jobId);
    return waitMs === undefined ? { status: 'stale' } : { status: 'early', waitMs };
  });
}

/** How long the jobs that are not available yet have to wait, by their ids. */
async function readWaits(db: Database, claims: readonly Claim[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; wait_ms: number }>`
    select id, (extract(epoch from available_at - clock_timestamp()) * 1000)::float8 as wait_ms
    from kiln.jobs, jsonb_to_recordset(${toStorableJson(claims)}::jsonb)
      as asked("jobId" text, "dispatchNo" int)
    where id = asked."jobId" and status = 'queued' and dispatch_no = asked."dispatchNo"
      and ${mayStart}`.execute(db);
  return new Map(rows.map(({ id, wait_ms: ms }) => [id, Math.max(1, Math.ceil(ms))]));
}

/**
 * Returns a claimed job without a call. Its dispatch stays valid: the same work item may claim it
 * again. False if the claim was lost meanwhile.
 * @param lacks what the job needs that is not there, for its answer in the API
 */
export function releaseClaim(
  db: Database,
  claim: Claim,
  lacks: JobRow['lacks'] = null,
): Promise<boolean> {
  return endClaim(db, claim, sql`lacks = ${lacks}`);
}

/**
 * Returns a job whose run was stopped by an error in Kiln, and counts that run. Its dispatch stays
 * valid. The job rests before its next run, twice as long each time, unless that run is the one
 * that ends it.
 */
export function releaseFailedRun(db: Database, claim: Claim): Promise<boolean> {
  return endClaim(
    db,
    claim,
    sql`failed_runs = failed_runs + 1, available_at = clock_timestamp() + case
      when failed_runs + 1 >= ${maxFailedRuns}::int then interval '0'
      else ${failedRunPauseMs}::float8 * 2 ^ failed_runs * interval '1 millisecond' end`,
  );
}

/** Returns a job that this process cannot execute. It waits for another dispatch. */
export function withdrawClaim(db: Database, claim: Claim): Promise<boolean> {
  return endClaim(db, claim, sql`dispatched_at = null, fair_tag = ${tagOfReturned}`);
}

async function endClaim(
  db: Database,
  claim: Claim,
  changes: RawBuilder<unknown>,
): Promise<boolean> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ id: string }>`
    with job as (
      update kiln.jobs set lease_owner = null, lease_expires_at = null, ${changes},
        status = ${statusOnReturn}, finished_at = case when ${statusOnReturn} = 'cancelled'
          then clock_timestamp() end
      where ${holdsClaim(claim)}
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.cancelled', sql`status = 'cancelled'`)})
    select id from job`,
  );
  return rows.length > 0;
}

/**
 * Extends the leases of jobs that a worker executes, and returns their ids. It leaves out the rows
 * that another statement has locked: one that writes several jobs locks them in an order of its
 * own, and the two would wait for each other.
 */
export async function extendLeases(
  db: Database,
  worker: string,
  jobIds: readonly string[],
  leaseMs: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with held as (
      select id from kiln.jobs
      where lease_owner = ${worker} and status = 'in_progress'
        and id = any(${[...jobIds]}::text[])
      for update skip locked
    )
    update kiln.jobs set lease_expires_at = clock_timestamp() + ${leaseMs} *
      interval '1 millisecond'
    from held where jobs.id = held.id returning jobs.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Which of these jobs were cancelled by force, so that their calls are to be aborted. */
export async function findForced(db: Database, jobIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from kiln.jobs where id = any(${[...jobIds]}::text[]) and cancel_forced`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Returns the jobs of dead workers to the queue, for a new dispatch. An outage of the database
 * itself ends no lease: no worker could extend its lease in time until one lease after the server's
 * start. A row that another statement has locked is left to the next time, as in `extendLeases`.
 */
export async function releaseLapsedClaims(
  db: Database,
  leaseMs: number,
  except: readonly string[] = [],
): Promise<string[]> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ id: string }>`
    with job as (
      update kiln.jobs set lease_owner = null, lease_expires_at = null, dispatched_at = null,
        fair_tag = ${tagOfReturned},
        crashes = crashes + 1,
        status = ${statusOnReturn}, finished_at = case when ${statusOnReturn} = 'cancelled'
          then clock_timestamp() end
      where id in (
        select id from kiln.jobs
        where status = 'in_progress' and lease_expires_at < clock_timestamp()
          and id <> all(${[...except]}::text[])
          and pg_postmaster_start_time() < clock_timestamp() -
            ${leaseMs} * interval '1 millisecond'
        for update skip locked)
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.cancelled', sql`status = 'cancelled'`)})
    select id from job`,
  );
  return rows.map((row) => row.id);
}

/** The condition of every write of a worker. */
export function holdsClaim(claim: Claim) {
  return sql`id = ${claim.jobId} and status = 'in_progress' and lease_owner = ${claim.worker}
    and dispatch_no = ${claim.dispatchNo}`;
}
