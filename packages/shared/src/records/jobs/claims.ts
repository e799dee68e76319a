/**
 * Claims: which worker executes which job. Each is one compare-and-set by the database's clock. A
 * claim is named by the worker and the dispatch it came with, so a worker that was frozen past its
 * lease can neither call nor take a job from another worker (what its late answer may still do:
 * `settlements.ts`).
 */
import { sql, type RawBuilder } from 'kysely';
import type { AttemptStatus } from '../../domain/attempt-state.ts';
import { jobStatusesBefore, type JobStatus } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
import { writeEvents } from '../events/write-events.ts';
import { returnedTag } from './fair-tags.ts';
import type { JobRow } from './jobs.ts';
import type { Database } from '../database/open-records.ts';
import { prepared } from '../database/prepared.ts';

/** What tells one claim of a job from every other. */
export interface Claim {
  jobId: string;
  worker: string;
  dispatchNo: number;
}

/** The ledger so far, as much of it as deciding needs. */
export interface AttemptSummary {
  no: number;
  status: AttemptStatus;
  /** Of its fault. */
  code: string | null;
}

export type ClaimOutcome =
  | { status: 'claimed'; job: JobRow; attempts: AttemptSummary[]; closed: string[] }
  | { status: 'early'; waitMs: number }
  | { status: 'stale' };

/**
 * Cancelled once it is asked for and no call is unsettled: an answer may lie in the spool, and then
 * the job has succeeded.
 */
const statusOnReturn = sql<JobStatus>`case when cancel_requested_at is not null and not exists (
  select from kiln.attempts a where a.job_id = jobs.id and a.status = 'in_flight') then 'cancelled'
    else 'queued' end`;

/** Deployments that are paused and not to be tried yet: few, if any. */
const closedDeployments = sql`(select coalesce(jsonb_agg(paused.name), '[]')
  from kiln.paused_deployments paused
  where paused_until > clock_timestamp() and not exists (select from kiln.pools
    where pools.name = paused.pool and paused_by = 'fault'))`;

/**
 * No job of a batch that is being cancelled starts, though it may be a while until each has been
 * cancelled. One whose call is unsettled is claimed all the same: its answer may lie in the spool.
 */
const mayStart = sql`not parked and (batch_id is null
  or not exists (select from kiln.batches b where b.id = batch_id and b.status = 'cancelling')
  or exists (select from kiln.attempts a where a.job_id = jobs.id and a.status = 'in_flight'))`;

/**
 * Step 1: queued → in_progress. `early`: its time has not come; `stale`: it is no longer queued, or
 * was dispatched again since.
 */
export async function claimJob(db: Database, claim: Claim, leaseMs: number): Promise<ClaimOutcome> {
  const claimed = await prepared(
    'kiln-claim',
    sql<JobRow & { attempts: AttemptSummary[]; closed: string[] }>`
    update kiln.jobs set status = 'in_progress', lease_owner = ${claim.worker},
      lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    where id = ${claim.jobId} and status in (${literals(jobStatusesBefore('in_progress'))})
      and dispatch_no = ${claim.dispatchNo} and available_at <= clock_timestamp() and ${mayStart}
    returning *, (select coalesce(jsonb_agg(jsonb_build_object('no', a.no, 'status',
      a.status, 'code', a.error ->> 'code') order by a.no), '[]')
      from kiln.attempts a where a.job_id = jobs.id) as attempts, ${closedDeployments} as closed`,
  ).execute(db);
  const [row] = claimed.rows;
  if (row !== undefined)
    return { status: 'claimed', job: row, attempts: row.attempts, closed: row.closed };

  const early = await sql<{ wait_ms: number }>`
    select (extract(epoch from available_at - clock_timestamp()) * 1000)::float8 as wait_ms
      from kiln.jobs
    where id = ${claim.jobId} and status = 'queued' and dispatch_no = ${claim.dispatchNo}
      and ${mayStart}`.execute(db);
  const [waiting] = early.rows;
  return waiting === undefined
    ? { status: 'stale' }
    : { status: 'early', waitMs: Math.max(1, Math.ceil(waiting.wait_ms)) };
}

/**
 * Gives a job back that was claimed and not called for. Its dispatch stays valid: the same work
 * item may claim it again. False where the claim was lost meanwhile.
 */
export function releaseClaim(db: Database, claim: Claim): Promise<boolean> {
  return endClaim(db, claim, sql`dispatched_at = dispatched_at`);
}

/**
 * Gives a job back for which this process can do nothing: it is to be dispatched anew, when it can
 * be.
 */
export function withdrawClaim(db: Database, claim: Claim): Promise<boolean> {
  return endClaim(db, claim, sql`dispatched_at = null, fair_tag = ${returnedTag}`);
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
 * Extends the leases of the jobs a worker executes; returns those it still owns and which of them
 * are to be aborted.
 */
export async function extendLeases(
  db: Database,
  worker: string,
  jobIds: readonly string[],
  leaseMs: number,
): Promise<{ id: string; abort: boolean }[]> {
  const { rows } = await sql<{ id: string; abort: boolean }>`
    update kiln.jobs set lease_expires_at = clock_timestamp() + ${leaseMs} *
      interval '1 millisecond'
    where lease_owner = ${worker} and status = 'in_progress' and id = any(${[...jobIds]}::text[])
    returning id, cancel_forced as abort`.execute(db);
  return rows;
}

/**
 * Returns the jobs of dead workers to the queue, for a new dispatch. A lease does not lapse by an
 * outage of the database itself: for one lease after the server's start nobody could have extended
 * it in time.
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
        fair_tag = ${returnedTag},
        crashes = crashes + 1,
        status = ${statusOnReturn}, finished_at = case when ${statusOnReturn} = 'cancelled'
          then clock_timestamp() end
      where status = 'in_progress' and lease_expires_at < clock_timestamp()
        and id <> all(${[...except]}::text[])
        and pg_postmaster_start_time() < clock_timestamp() - ${leaseMs} * interval '1 millisecond'
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.cancelled', sql`status = 'cancelled'`)})
    select id from job`,
  );
  return rows.map((row) => row.id);
}

/** The condition every write of a worker carries. */
export function holdsClaim(claim: Claim) {
  return sql`id = ${claim.jobId} and status = 'in_progress' and lease_owner = ${claim.worker}
    and dispatch_no = ${claim.dispatchNo}`;
}
