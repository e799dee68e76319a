/** The ledger of calls: opens the attempts of several jobs in one statement, and reads attempts. */
import { sql, type Selectable } from 'kysely';
import type { JobStatus } from '../../domain/job-state.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { writeEvents } from '../events/write-events.ts';
import type { Claim } from './claims.ts';
import type { CallTarget } from './settlements.ts';
import { toStorableJson } from '../database/storable-json.ts';

export type AttemptRow = Selectable<Schema['kiln.attempts']>;

export function listAttempts(db: Database, jobId: string): Promise<AttemptRow[]> {
  return db
    .selectFrom('kiln.attempts')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('no')
    .execute();
}

/** An attempt with the status of its job. */
export function findAttempt(
  db: Database,
  jobId: string,
  no: number,
): Promise<(AttemptRow & { job_status: JobStatus }) | undefined> {
  return db
    .selectFrom('kiln.attempts')
    .innerJoin('kiln.jobs', 'kiln.jobs.id', 'kiln.attempts.job_id')
    .selectAll('kiln.attempts')
    .select('kiln.jobs.status as job_status')
    .where('job_id', '=', jobId)
    .where('no', '=', no)
    .executeTakeFirst();
}

/** The arguments of `openAttempt`. */
export interface AttemptToOpen {
  claim: Claim;
  no: number;
  deployments: readonly string[];
  avoid: string | null;
}

/**
 * Step 4 for different jobs: one statement opens the attempts of all jobs that may be called for,
 * that no deployment has refused, and whose deployments are all open. Null for each of the others:
 * `openAttempt` decides about it, with the probes of paused deployments.
 */
export async function openAttempts(
  db: Database,
  attempts: readonly AttemptToOpen[],
): Promise<(CallTarget | null)[]> {
  const targets = attempts.map(({ deployments, avoid }) => preferred(deployments, avoid));
  const records = attempts.map(({ claim, no, deployments }, index) => ({
    ...claim,
    no,
    deployments,
    target: targets[index],
  }));
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ id: string }>`
    with asked as (
      select * from jsonb_to_recordset(${toStorableJson(records)}::jsonb) as asked("jobId" text,
        "dispatchNo" int, worker text, no int, deployments text[], target text)
    ), job as (
      update kiln.jobs set started_at = coalesce(started_at, clock_timestamp()),
        deployment = asked.target
      from asked where jobs.id = asked."jobId" and status = 'in_progress'
        and lease_owner = asked.worker and dispatch_no = asked."dispatchNo"
        and lease_expires_at > clock_timestamp() and cancel_requested_at is null
        and not exists (select from kiln.paused_deployments paused
          where paused.name = any(asked.deployments))
        and not exists (select from kiln.paused_models paused
          where paused.deployment = any(asked.deployments) and paused.model = jobs.model)
        and not exists (select from kiln.refusals refusal where refusal.job_id = jobs.id)
      returning jobs.id, project_id, batch_id, status, deployment, pool, asked.no, asked.worker
    ), attempt as (
      insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
      select id, no, project_id, deployment, pool, worker from job
    ), event as (${insert.job('job.started', sql`no = 1`)})
    select id from job`,
  );
  const opened = new Set(rows.map(({ id }) => id));
  return attempts.map(({ claim }, index) => {
    const deployment = targets[index];
    return deployment !== undefined && opened.has(claim.jobId)
      ? { deployment, isProbe: false }
      : null;
  });
}

/** The first deployment, but not the one to avoid if there is another. */
function preferred(deployments: readonly string[], avoid: string | null): string | undefined {
  return deployments.find((name) => name !== avoid) ?? deployments[0];
}
