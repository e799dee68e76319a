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
import { recordableMicros } from '../../domain/money.ts';
import { literals } from '../database/literals.ts';
import type { Chosen, JobError, JobWarning, WaitReason } from '../../schemas/job.ts';
import { holdsClaim, withdrawClaim, type Claim } from './claims.ts';
import { transactionWithEvents, writeEvents } from '../events/write-events.ts';
import { imagesOfJob, jobColumnsOfImages, type KeptImage } from '../images/kept-images.ts';
import type { Database } from '../database/open-records.ts';
import { prepared } from '../database/prepared.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { sumsOfLedger } from './ledger-sums.ts';

/** The deployment that a call goes to. */
export interface CallTarget {
  deployment: string;
  /** The deployment was paused, and this call probes whether it works again. */
  isProbe: boolean;
}

/**
 * Step 4: writes the attempt, so that a crash leaves a trace, and chooses its deployment: a paused
 * one whose probe is due, else the first of `deployments` that is not paused, neither as a whole
 * nor for the job's model. The probe of a paused pool goes to a deployment that is not paused, if
 * there is any: it may be new. The job that was refused last makes no probe while another
 * deployment can be called.
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
      select model from kiln.jobs where ${mayBeCalledFor}
    ), works as (
      select * from candidate where not exists (select from kiln.paused_deployments paused
        where paused.name = candidate.name)
    ), open as (
      select name from works where not exists (select from kiln.paused_models paused
        where paused.deployment = works.name and paused.model = (select model from held))
      order by exists (select from kiln.refusals refusal where refusal.job_id = ${claim.jobId}
        and refusal.deployment = works.name), name is not distinct from ${avoid}, preference limit 1
    ), due as (
      select name from kiln.paused_deployments paused where name in (select name from candidate)
        and exists (select from held)
        and (job_id is distinct from ${claim.jobId} or not exists (select from open))
        and case when exists (select from kiln.pools where pools.name = paused.pool
          and paused_by = 'fault')
          then not exists (select from open) else paused_until <= clock_timestamp() end
      order by paused_until limit 1 for update skip locked
    ), probe as (
      update kiln.paused_deployments set probing = true, paused_until = clock_timestamp() + probe_ms
        * interval '1 millisecond'
      where name in (select name from due) returning name
    ), due_model as (
      select deployment, model from kiln.paused_models
      where deployment in (select name from works) and model = (select model from held)
        and not exists (select from probe) and paused_until <= clock_timestamp()
        and (job_id is distinct from ${claim.jobId} or not exists (select from open))
      order by paused_until limit 1 for update skip locked
    ), model_probe as (
      update kiln.paused_models set probing = true, paused_until = clock_timestamp() + probe_ms
        * interval '1 millisecond'
      where (deployment, model) in (select deployment, model from due_model) returning deployment
    ), probing as (
      select name from probe union all select deployment from model_probe
    ), target as (
      select name, true as is_probe from probing union all select name, false from open
        where not exists (select from probing)
    ), job as (
      update kiln.jobs set started_at = coalesce(started_at, clock_timestamp()),
        deployment = target.name
      from target where ${mayBeCalledFor}
      returning id, project_id, batch_id, status, deployment, pool
    ), attempt as (
      insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
      select id, ${no}::int, project_id, deployment, pool, ${claim.worker} from job
    ), event as (${insert.job('job.started', sql`${no}::int = 1`)})
    select (select deployment from job), exists (select from probing) as is_probe, exists (select
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
      update kiln.attempts set status = 'refused', error = ${toStorableJson(error)}::jsonb,
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

/** Statuses of a job that was taken from its claim and waits again. */
const takenFromClaim = literals(
  jobStatusesBefore('succeeded').filter((status) => status !== 'in_progress'),
);

/** An answer whose images are in the object store. */
export interface ImageSettlement {
  claim: Claim;
  attemptNo: number;
  facts: AnswerFacts;
  images: readonly KeptImage[];
}

export interface SettledImages {
  /** Refusals in the job's pool are open, or answers were unusable lately. */
  isPoolWatched: boolean;
}

/**
 * Step 7 for answers with images, of different jobs. Each attempt becomes succeeded in any case,
 * and its risk becomes a known cost. A job that was taken from this claim and waits again, or is
 * held, is settled as well: its picture exists. Any other open attempt belonged to a worker that
 * died, so its outcome is unknown. Null for a job that was settled already, or that another worker
 * executes.
 */
export async function settleSucceeded(
  db: Database,
  settlements: readonly ImageSettlement[],
): Promise<(SettledImages | null)[]> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql<SettledImages & { id: string }>`
    with settled as (
      select * from jsonb_to_recordset(${recordsOf(settlements)}::jsonb) as settled(${claimColumns},
        ${answerColumns}, images jsonb)
    ), attempt as (${answerRecorded}, images = jsonb_array_length(settled.images) from settled
      where a.job_id = settled.job_id and a.no = settled.no
        and a.status in (${beforeSucceeded})
    ), job as (
      update kiln.jobs set status = 'succeeded', finished_at = clock_timestamp(), error = null,
        usage = settled.usage, svg_usage = settled.svg_usage, chosen = settled.chosen,
        warnings = jobs.warnings || settled.warnings,
        lease_owner = null, lease_expires_at = null, ${sumsWithAnswer}
      from settled
      where jobs.id = settled.job_id and ((${holdsSettled}) or jobs.status in (${takenFromClaim}))
      returning jobs.id, project_id, batch_id, jobs.status, cost_estimated_micros,
        jobs.pool, settled.no as attempt_no, settled.images as images, ${jobColumnsOfImages},
        jobs.request ? 'composite' as has_composite
    ), lost as (
      update kiln.attempts a set status = 'unknown', at_risk_micros =
        coalesce(job.cost_estimated_micros, 0), finished_at = clock_timestamp()
      from job where a.job_id = job.id and a.no <> job.attempt_no and a.status = 'in_flight'
    ), late as (
      update kiln.jobs set ${sumsWithAnswer} from settled
      where jobs.id = settled.job_id and not exists (select from job where job.id = jobs.id)
    ), image as (${imagesOfJob}
    ), composite as (
      insert into kiln.composites (job_id, index, attempt_no)
      select job.id, i.index, job.attempt_no
      from job, jsonb_to_recordset(job.images) as i(index int) where job.has_composite
    ), event as (${insert.job('job.succeeded')})
    select id, coalesce((select watched from kiln.pools where name = job.pool), false)
      as "isPoolWatched" from job`,
  );
  const settled = new Map(rows.map(({ id, isPoolWatched }) => [id, { isPoolWatched }]));
  return settlements.map(({ claim }) => settled.get(claim.jobId) ?? null);
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
  const record = toStorableJson([{ job_id: jobId, no, ...toColumns(facts) }]);
  const { rows } = await sql`
    with settled as (
      select * from jsonb_to_recordset(${record}::jsonb)
        as settled(job_id text, no int, ${answerColumns})
    ), attempt as (${answerRecorded} from settled
      where a.job_id = settled.job_id and a.no = settled.no
        and a.status in (${beforeSucceeded}) returning a.job_id)
    update kiln.jobs set ${sumsWithAnswer} from settled
    where jobs.id in (select job_id from attempt) returning id`.execute(db);
  return rows.length > 0;
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
  /** Why it waits until then, for its event. */
  waitReason?: WaitReason;
}

/** The end of an attempt without images. */
export interface ClaimedFault {
  claim: Claim;
  attemptNo: number;
  fault: FaultSettlement;
}

const isMade = sql`settled.attempt_status <> 'refused'`;

/**
 * Step 7 for answers without images, of different jobs. Returns what each job became, or null if
 * its claim was lost: then only the attempt is settled, and the job's risk.
 */
export async function settleFaults(
  db: Database,
  faults: readonly ClaimedFault[],
): Promise<(JobStatus | null)[]> {
  const records = faults.map(({ claim, attemptNo, fault }) => ({
    ...toRecord(claim, attemptNo, fault.facts),
    attempt_status: fault.attemptStatus,
    error: fault.error,
    at_risk: fault.atRiskMicros,
    job_status: fault.jobStatus,
    delay_ms: fault.delayMs,
    wait_reason: fault.waitReason ?? 'retry',
  }));
  const sums = sumsOfLedger({
    no: sql`settled.no`,
    isMade,
    costMicros: sql`settled.cost`,
    atRiskMicros: sql`settled.at_risk`,
  });
  const status = sql<JobStatus>`case when settled.job_status in ('queued', 'held')
    and cancel_requested_at is not null then 'cancelled' else settled.job_status end`;
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ id: string; status: JobStatus }>`
    with settled as (
      select * from jsonb_to_recordset(${toStorableJson(records)}::jsonb)
        as settled(${claimColumns},
        ${answerColumns}, attempt_status text, error jsonb, at_risk bigint, job_status text,
        delay_ms float8, wait_reason text)
    ), attempt as (
      update kiln.attempts a set status = settled.attempt_status,
        http_status = settled.http_status, provider_request_id = settled.provider_request_id,
        error = settled.error, usage = settled.usage, svg_usage = settled.svg_usage,
        cost_micros = settled.cost, at_risk_micros = settled.at_risk,
        finished_at = clock_timestamp()
      from settled where a.job_id = settled.job_id and a.no = settled.no
        and a.status in (${literals(attemptStatusesBefore('unknown'))})
      returning a.job_id
    ), job as (
      update kiln.jobs set status = ${status}, lease_owner = null, lease_expires_at = null,
        error = case when ${status} = 'queued' then null else settled.error end,
        finished_at = case when ${status} in ('failed', 'cancelled') then clock_timestamp() end,
        available_at = clock_timestamp() + settled.delay_ms * interval '1 millisecond',
        ${sums}
      from settled where jobs.id = settled.job_id and ${holdsSettled}
      returning jobs.id, project_id, batch_id, jobs.status
    ), late as (
      update kiln.jobs set ${sums} from settled
      where jobs.id = settled.job_id and jobs.id in (select job_id from attempt)
        and not exists (select from job where job.id = jobs.id)
    ), event as (${insert.job(
      sql`case status when 'queued' then 'job.retrying' else 'job.' || status end`,
      sql`true`,
      sql`case status when 'queued' then jsonb_build_object('queue', jsonb_build_object('reason',
        (select wait_reason from settled where settled.job_id = job.id))) else '{}' end`,
    )})
    select id, status from job`,
  );
  const became = new Map(rows.map((row) => [row.id, row.status]));
  return faults.map(({ claim }) => became.get(claim.jobId) ?? null);
}

/** The columns of the records that these statements read: whose attempt it is, and its answer. */
const claimColumns = sql.raw('job_id text, dispatch_no int, worker text, no int');
const answerColumns = sql.raw(
  `http_status int, provider_request_id text, usage jsonb, svg_usage jsonb, cost bigint,
    chosen jsonb, warnings jsonb`,
);
const holdsSettled = sql.raw(`jobs.status = 'in_progress' and jobs.lease_owner = settled.worker
  and jobs.dispatch_no = settled.dispatch_no`);
const beforeSucceeded = literals(attemptStatusesBefore('succeeded'));
const sumsWithAnswer = sumsOfLedger({
  no: sql`settled.no`,
  isMade: sql`true`,
  costMicros: sql`settled.cost`,
  atRiskMicros: sql`0`,
});
/** Updates attempts that are open, or whose outcome is unknown. */
const answerRecorded = sql`
  update kiln.attempts a set status = 'succeeded', http_status = settled.http_status, error = null,
    at_risk_micros = 0, provider_request_id = settled.provider_request_id,
    usage = settled.usage, svg_usage = settled.svg_usage, cost_micros = settled.cost,
    finished_at = clock_timestamp()`;

function recordsOf(settlements: readonly ImageSettlement[]): string {
  return toStorableJson(
    settlements.map(({ claim, attemptNo, facts, images }) => ({
      ...toRecord(claim, attemptNo, facts),
      images,
    })),
  );
}

function toRecord({ jobId, dispatchNo, worker }: Claim, no: number, facts: AnswerFacts) {
  return { job_id: jobId, dispatch_no: dispatchNo, worker, no, ...toColumns(facts) };
}

function toColumns(facts: AnswerFacts) {
  return {
    http_status: facts.httpStatus,
    provider_request_id: facts.providerRequestId,
    usage: facts.usage,
    svg_usage: facts.svgUsage ?? null,
    cost: recordableMicros(facts.costMicros),
    chosen: facts.chosen ?? null,
    warnings: facts.warnings ?? [],
  };
}
