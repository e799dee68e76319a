/**
 * The ledger of attempts and how they end. Opening an attempt is the last write before a call.
 * Settling it is one statement, so one transaction: the attempt's outcome, the job, its images, the
 * cost and the events are written together or not at all. A worker that has lost its claim can
 * still record what its call cost, and its pictures if the job waits. Deciding what follows a fault
 * is in `domain/retry-policy.ts`.
 */
import { sql } from 'kysely';
import { attemptStatusesBefore, type AttemptStatus } from '../../domain/attempt-state.ts';
import { jobStatusesBefore, type JobStatus } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
import type { Chosen, JobError, JobWarning } from '../../schemas/job.ts';
import { holdsClaim, withdrawClaim, type Claim } from './claims.ts';
import { transactionWithEvents, writeEvents } from '../events/write-events.ts';
import type { Database } from '../database/open-records.ts';
import { prepared } from '../database/prepared.ts';

/** The deployment that a call goes to. */
export interface CallTarget {
  deployment: string;
  /** The deployment was paused, and this call probes whether it works again. */
  isProbe: boolean;
}

/**
 * Step 4: writes the attempt, so that a crash leaves a trace, and chooses its deployment: a paused
 * one whose probe is due, else the first of `deployments` that is not paused. The probe of a paused
 * pool goes to a deployment that is not paused, if there is any: it may be new.
 *
 * Otherwise it writes no attempt, and the call must not be made: `closed` if all of `deployments`
 * are paused; `refused` if the claim or its lease is lost, or the job's cancel was requested.
 * @param avoid a deployment that has just refused the job: taken only if there is no other
 */
export async function openAttempt(
  db: Database,
  claim: Claim,
  no: number,
  deployments: readonly string[],
  avoid: string | null = null,
): Promise<CallTarget | 'refused' | 'closed'> {
  const mayBeCalledFor = sql`${holdsClaim(claim)} and lease_expires_at > clock_timestamp()
    and cancel_requested_at is null`;
  const { rows } = await writeEvents(db, (insert) =>
    prepared<{
      deployment: string | null;
      is_probe: boolean;
      is_open: boolean;
    }>(
      'kiln-open-attempt',
      sql`
    with candidate as (
      select name, preference
      from unnest(${[...deployments]}::text[]) with ordinality as candidate(name, preference)
    ), held as (
      select from kiln.jobs where ${mayBeCalledFor}
    ), open as (
      select name from candidate where not exists (select from kiln.paused_deployments paused
        where paused.name = candidate.name)
      order by name is not distinct from ${avoid}, preference limit 1
    ), due as (
      select name from kiln.paused_deployments paused where name in (select name from candidate)
        and exists (select from held)
        and case when exists (select from kiln.pools where pools.name = paused.pool
          and paused_by = 'fault')
          then not exists (select from open) else paused_until <= clock_timestamp() end
      order by paused_until limit 1 for update skip locked
    ), probe as (
      update kiln.paused_deployments set probing = true, paused_until = clock_timestamp() + probe_ms
        * interval '1 millisecond'
      where name in (select name from due) returning name
    ), target as (
      select name, true as is_probe from probe union all select name, false from open
        where not exists (select from probe)
    ), job as (
      update kiln.jobs set started_at = coalesce(started_at, clock_timestamp()),
        deployment = target.name
      from target where ${mayBeCalledFor}
      returning id, project_id, batch_id, status, deployment, pool
    ), attempt as (
      insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
      select id, ${no}::int, project_id, deployment, pool, ${claim.worker} from job
    ), event as (${insert.job('job.started', sql`${no}::int = 1`)})
    select (select deployment from job), exists (select from probe) as is_probe, exists (select
      from target) as is_open`,
    ),
  );
  const [row] = rows;
  if (row === undefined || !row.is_open) return 'closed';
  return row.deployment === null
    ? 'refused'
    : { deployment: row.deployment, isProbe: row.is_probe };
}

/**
 * Withdraws an attempt before any call, when a worker does not know whether the attempt was opened.
 * An attempt that was opened becomes refused, and the job waits for a new dispatch, so a statement
 * that is still on its way finds its claim void. A statement that is being committed is awaited. If
 * the claim is lost, nothing changes: an attempt of that number may be another worker's.
 */
export async function withdrawUnheard(
  db: Database,
  claim: Claim,
  attemptNo: number,
  error: JobError,
): Promise<void> {
  await transactionWithEvents(db, async (transaction) => {
    const held = await sql`select from kiln.jobs where ${holdsClaim(claim)} for update`.execute(
      transaction,
    );
    if (held.rows.length === 0) return;
    await sql`
      update kiln.attempts set status = 'refused', error = ${JSON.stringify(error)}::jsonb,
        finished_at = clock_timestamp()
      where job_id = ${claim.jobId} and no = ${attemptNo}::int and status = 'in_flight'`.execute(
      transaction,
    );
    await withdrawClaim(transaction, claim);
  });
}

/** What the provider's answer says apart from its images. */
export interface AnswerFacts {
  httpStatus: number | null;
  providerRequestId: string | null;
  usage: object | null;
  /** The second meter of an SVG document. */
  svgUsage?: object | null;
  costMicros: number | null;
  chosen?: Chosen;
  /** Added to the warnings of the job. */
  warnings?: JobWarning[];
}

export interface KeptImage {
  index: number;
  object_key: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
}

/** Statuses of a job that was taken from its claim and waits again. */
const takenFromClaim = literals(
  jobStatusesBefore('succeeded').filter((status) => status !== 'in_progress'),
);

/**
 * Step 7 for an answer whose images are in the object store. The attempt becomes succeeded in any
 * case, and its risk becomes a known cost. A job that was taken from this claim and waits again, or
 * is held, is settled as well: its picture exists. Any other open attempt belonged to a worker that
 * died, so its outcome is unknown. False if the job was settled already, or another worker executes
 * it.
 */
export async function settleSucceeded(
  db: Database,
  claim: Claim,
  attemptNo: number,
  facts: AnswerFacts,
  images: readonly KeptImage[],
): Promise<boolean> {
  const sums = sumsOfLedger(attemptNo, {
    isMade: true,
    costMicros: facts.costMicros,
    atRiskMicros: 0,
  });
  const { rows } = await writeEvents(db, (insert) =>
    prepared(
      'kiln-settle-succeeded',
      sql`
    with attempt as (${recordAnswer(claim.jobId, attemptNo, facts)}
    ), job as (
      update kiln.jobs set status = 'succeeded', finished_at = clock_timestamp(), error = null,
        usage = ${toJson(facts.usage)}::jsonb,
        svg_usage = ${toJson(facts.svgUsage ?? null)}::jsonb,
        chosen = ${toJson(facts.chosen ?? null)}::jsonb,
        warnings = warnings || ${toJson(facts.warnings ?? [])}::jsonb,
        lease_owner = null, lease_expires_at = null,
        ${sums}
      where (${holdsClaim(claim)}) or (id = ${claim.jobId} and status in (${takenFromClaim}))
      returning id, project_id, batch_id, status, cost_estimated_micros
    ), lost as (
      update kiln.attempts a set status = 'unknown', at_risk_micros =
        coalesce(job.cost_estimated_micros, 0), finished_at = clock_timestamp()
      from job where a.job_id = job.id and a.no <> ${attemptNo}::int and a.status = 'in_flight'
    ), late as (
      update kiln.jobs set ${sums}
      where id = ${claim.jobId} and not exists (select from job)
    ), image as (
      insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width,
        height, bytes, sha256)
      select job.id, i.index, job.project_id, ${attemptNo}::int, i.object_key, i.format, i.width,
        i.height, i.bytes, i.sha256
      from job, jsonb_to_recordset(${JSON.stringify(images)}::jsonb)
        as i(index int, object_key text, format text, width int, height int, bytes bigint,
          sha256 text)
    ), event as (${insert.job('job.succeeded')})
    select id from job`,
    ),
  );
  return rows.length > 0;
}

/**
 * Records an answer that was found in a spool or in the store after its job had ended without it:
 * updates the attempt and its cost, and removes its risk from the job. Nothing else of the job
 * changes. Returns false if the attempt was settled already.
 */
export async function settleLate(
  db: Database,
  { jobId, no }: { jobId: string; no: number },
  facts: AnswerFacts,
): Promise<boolean> {
  const { rows } = await sql`
    with attempt as (${recordAnswer(jobId, no, facts)} returning job_id)
    update kiln.jobs
      set ${sumsOfLedger(no, { isMade: true, costMicros: facts.costMicros, atRiskMicros: 0 })}
    where id in (select job_id from attempt) returning id`.execute(db);
  return rows.length > 0;
}

/** Updates an attempt that is open, or whose outcome is unknown. */
function recordAnswer(jobId: string, no: number, facts: AnswerFacts) {
  return sql`
    update kiln.attempts set status = 'succeeded', http_status = ${facts.httpStatus}::int,
      error = null, at_risk_micros = 0,
      provider_request_id = ${facts.providerRequestId}, usage = ${toJson(facts.usage)}::jsonb,
      svg_usage = ${toJson(facts.svgUsage ?? null)}::jsonb,
      cost_micros = ${facts.costMicros}::bigint, finished_at = clock_timestamp()
    where job_id = ${jobId} and no = ${no}::int
      and status in (${literals(attemptStatusesBefore('succeeded'))})`;
}

/** How an attempt ended without images, and what its job becomes. */
export interface FaultSettlement {
  attemptStatus: Exclude<AttemptStatus, 'in_flight' | 'succeeded'>;
  error: JobError;
  facts: AnswerFacts;
  /** What an unknown outcome may have cost, in micro-dollars. */
  atRiskMicros: number;
  /** `queued` and `held` become `cancelled` if a cancel was requested meanwhile. */
  jobStatus: Extract<JobStatus, 'queued' | 'failed' | 'held' | 'cancelled'>;
  /** The time until the job may be claimed again. */
  delayMs: number;
}

/**
 * Step 7 for an answer without images. Returns what the job became, or null if this claim was lost:
 * then only the attempt is settled, and the job's risk.
 */
export async function settleFault(
  db: Database,
  claim: Claim,
  attemptNo: number,
  fault: FaultSettlement,
): Promise<JobStatus | null> {
  const sums = sumsOfLedger(attemptNo, {
    isMade: fault.attemptStatus !== 'refused',
    costMicros: fault.facts.costMicros,
    atRiskMicros: fault.atRiskMicros,
  });
  const status = sql<JobStatus>`case when ${fault.jobStatus} in ('queued', 'held')
    and cancel_requested_at is not null then 'cancelled' else ${fault.jobStatus} end`;
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ status: JobStatus }>`
    with attempt as (
      update kiln.attempts set status = ${fault.attemptStatus},
        http_status = ${fault.facts.httpStatus}::int,
        provider_request_id = ${fault.facts.providerRequestId},
          error = ${JSON.stringify(fault.error)}::jsonb,
        usage = ${toJson(fault.facts.usage)}::jsonb,
        svg_usage = ${toJson(fault.facts.svgUsage ?? null)}::jsonb, cost_micros =
          ${fault.facts.costMicros}::bigint,
        at_risk_micros = ${fault.atRiskMicros}::bigint, finished_at = clock_timestamp()
      where job_id = ${claim.jobId} and no = ${attemptNo}::int
        and status in (${literals(attemptStatusesBefore(fault.attemptStatus))})
      returning job_id
    ), job as (
      update kiln.jobs set status = ${status}, lease_owner = null, lease_expires_at = null,
        error = case when ${status} = 'queued' then null else ${JSON.stringify(fault.error)}::jsonb
          end,
        finished_at = case when ${status} in ('failed', 'cancelled') then clock_timestamp() end,
        available_at = clock_timestamp() + ${fault.delayMs}::float8 * interval '1 millisecond',
        ${sums}
      where ${holdsClaim(claim)}
      returning id, project_id, batch_id, status
    ), late as (
      update kiln.jobs set ${sums}
      where id in (select job_id from attempt) and not exists (select from job)
    ), event as (${insert.job(sql`case status when 'queued' then 'job.retrying'
      else 'job.' || status end`)})
    select status from job`,
  );
  return rows[0]?.status ?? null;
}

/**
 * The job's columns that sum up its attempts, counted from the ledger each time, because a worker
 * that had lost the job may have settled an earlier attempt meanwhile. The attempt to be settled is
 * an argument: its new row is not visible to the statement that writes it. Any other open attempt
 * is at risk.
 */
function sumsOfLedger(
  attemptNo: number,
  own: { isMade: boolean; costMicros: number | null; atRiskMicros: number },
) {
  return sql`(attempts_made, cost_actual_micros, cost_at_risk_micros) = (
    select count(*) filter (where case when a.no = ${attemptNo}::int then ${own.isMade}::boolean
      else a.status <> 'refused' end),
      sum(case when a.no = ${attemptNo}::int then ${own.costMicros}::bigint else a.cost_micros end),
      coalesce(sum(case when a.no = ${attemptNo}::int then ${own.atRiskMicros}::bigint
        when a.status = 'in_flight' then coalesce(jobs.cost_estimated_micros, 0)
          else a.at_risk_micros end), 0)
    from kiln.attempts a where a.job_id = jobs.id)`;
}

function toJson(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
