/**
 * The memory of refused calls, by which the owner of a refusal is found: the job, a model, or a
 * deployment.
 *
 * Problem: one answer rarely says whether the job or the deployment is at fault.
 * Approach: a refusal stays open until another job has been tried. If that job is answered, the
 * open refusals were their jobs' own (a strike against each of them); if it is refused too, the
 * deployment is at fault. `services/running/refusal-course.ts` decides; this file keeps the facts.
 * Guarantee: each write is one statement, so any number of workers may record at the same time.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';
import { writeEvents } from '../events/write-events.ts';
import { isWaiting, tagOfReturned } from './fair-tags.ts';

/** The code of jobs whose deployment was paused for a row of unusable answers. */
export const unusableAnswers = 'pool_paused_answers';

/** A refusal concerns a deployment, or one model there. */
export interface RefusalScope {
  pool: string;
  deployment: string;
  /** null: the deployment, whatever the model. */
  model: string | null;
}

export interface RefusedCall {
  jobId: string;
  attemptNo: number;
  /** The model of the job. */
  jobModel: string;
  code: string;
  message: string;
  isCertain: boolean;
}

export interface RefusalFacts {
  /** The job's refusals in a row while no other job was tried, the last one included. */
  alone: number;
  /** Earlier refusals of the job after which another one was answered. */
  strikes: number;
  /** Earlier refusals of the job were found to be its own. */
  isBlamed: boolean;
  /** Another job was refused, and none has been answered since. */
  othersRefused: boolean;
  /** A call that was started since another job was refused is being answered. */
  isAnswering: boolean;
  /** Another job can be tried next. */
  othersWait: boolean;
  /** Another deployment that works may be called for the job, and has not refused it. */
  hasAlternative: boolean;
  /** The other deployments that refused the job in the same way, and are not paused. */
  alsoRefusedAt: string[];
}

/**
 * Records a refused call and returns what is known of its scope.
 * @param routes the routes whose jobs the deployment may be called for
 * @param candidates the deployments that may be called for the job
 */
export async function recordRefusal(
  db: Database,
  { pool, deployment, model }: RefusalScope,
  call: RefusedCall,
  { routes, candidates }: { routes: readonly string[]; candidates: readonly string[] },
): Promise<RefusalFacts> {
  const scope = sql`deployment = ${deployment} and model = ${model ?? ''}`;
  const { rows: refused } = await sql<Pick<RefusalFacts, 'alone' | 'strikes' | 'isBlamed'>>`
    with refused as (
      insert into kiln.refusals as old (deployment, model, job_id, pool, code, message, is_certain,
        attempt_no)
      values (${deployment}, ${model ?? ''}, ${call.jobId}, ${pool}, ${call.code}, ${call.message},
        ${call.isCertain}, ${call.attemptNo})
      on conflict (deployment, model, job_id) do update set code = excluded.code,
        message = excluded.message, is_certain = excluded.is_certain,
        refused_at = excluded.refused_at, is_open = true, attempt_no = excluded.attempt_no,
        alone = old.alone + case when old.attempt_no = excluded.attempt_no then 0 else 1 end
      returning alone, strikes, is_blamed as "isBlamed"
    ), others as (
      update kiln.refusals set alone = 0
      where ${scope} and job_id <> ${call.jobId} and alone > 0
    ), pool as (
      update kiln.pools set watched = true where name = ${pool} and not watched
    )
    select * from refused`.execute(db);
  // A statement of its own: of two jobs that are refused at once, the later one sees the other.
  const ofModel = model === null ? sql`true` : sql`jobs.model = ${model}`;
  const isOther = sql`jobs.id <> ${call.jobId} and ${ofModel}`;
  const inFlight = sql`select from kiln.attempts a where a.job_id = jobs.id
    and a.status = 'in_flight'`;
  const { rows } = await sql<Omit<RefusalFacts, 'alone' | 'strikes' | 'isBlamed'>>`
    with others as (
      select min(refused_at) as since from kiln.refusals
      where ${scope} and job_id <> ${call.jobId} and is_open
    )
    select since is not null as "othersRefused",
      exists (select from kiln.jobs where status = 'in_progress' and ${isOther}
        and exists (${inFlight} and a.deployment = ${deployment} and a.started_at > since
          and a.started_at < (select started_at from kiln.attempts
            where job_id = ${call.jobId} and no = ${call.attemptNo}::int))) as "isAnswering",
      exists (select from kiln.jobs where pool = ${pool} and ${isOther}
        and (status = 'in_progress' and not exists (${inFlight}) or status = 'queued'
          and dispatched_at is not null and available_at <= clock_timestamp()))
      or exists (select from kiln.jobs where route = any(${[...routes]}::text[]) and ${isWaiting}
        and ${isOther} and available_at <= clock_timestamp()) as "othersWait",
      exists (select from unnest(${[...candidates]}::text[]) as candidate(name)
        where name <> ${deployment} and not exists (select from kiln.refusals other
            where other.job_id = ${call.jobId} and other.deployment = candidate.name)
          and not exists (${isPaused(call.jobModel)})) as "hasAlternative",
      array(select name from unnest(${[...candidates]}::text[]) as candidate(name)
        where name <> ${deployment} and not exists (${isPaused(call.jobModel)})
          and exists (select from kiln.refusals other where other.job_id = ${call.jobId}
            and other.deployment = candidate.name and other.model = ${model ?? ''}
            and other.is_open)) as "alsoRefusedAt"
    from others`.execute(db);
  return {
    ...(refused[0] ?? { alone: 1, strikes: 0, isBlamed: false }),
    ...(rows[0] ?? {
      othersRefused: false,
      isAnswering: false,
      othersWait: false,
      hasAlternative: false,
      alsoRefusedAt: [],
    }),
  };
}

/** The pauses of a `candidate` that concern a job for this model. */
function isPaused(model: string) {
  return sql`select from kiln.paused_deployments paused where paused.name = candidate.name
    union all select from kiln.paused_models paused where paused.deployment = candidate.name
      and paused.model = ${model}`;
}

/**
 * Refusals after which another job was answered, until the job is blamed: one if the answer came
 * right after it; two if the deployment or the model was paused meanwhile, and may have been
 * repaired; three if other jobs were refused as well, or the provider named another owner.
 */
const strikes = { atOnce: sql.lit(1), afterPause: sql.lit(2), unclear: sql.lit(3) };

/**
 * A call was answered: the open refusals of other jobs, as far as the call was started after them,
 * were their own. Such a job is blamed at its last strike. All of them may start now: a blamed job
 * to be failed, the others to be tried again. Those that may be at fault come one every few starts,
 * so that two of them in a row do not look like a deployment that refuses everything.
 * @param isRowOver a row of unusable answers is over, whose jobs may start now as well
 */
export async function recordAnswer(
  db: Database,
  { pool, deployment }: Omit<RefusalScope, 'model'>,
  call: { jobId: string; attemptNo: number; model: string },
  isRowOver = false,
): Promise<{ released: string[]; blamed: string[]; isModelResumed: boolean }> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ released: string[]; blamed: string[]; isModelResumed: boolean }>`
    with own as (
      delete from kiln.refusals where deployment = ${deployment} and job_id = ${call.jobId}
    ), suspect as (
      select *, count(*) over (partition by model) as suspects,
        case model when '' then exists (select from kiln.paused_deployments
            where name = ${deployment})
          else exists (select from kiln.paused_models paused
            where paused.deployment = ${deployment} and paused.model = ${call.model}) end
          as was_paused
      from kiln.refusals
      where deployment = ${deployment} and model in ('', ${call.model}) and is_open
        and job_id <> ${call.jobId} and (refused_at < (select started_at from kiln.attempts
            where job_id = ${call.jobId} and no = ${call.attemptNo}::int)
          or ${isRowOver} and code = ${unusableAnswers})
    ), judged as (
      update kiln.refusals as refusal set is_open = false, alone = 0,
        strikes = refusal.strikes + 1,
        is_blamed = refusal.is_blamed or refusal.strikes + 1 >= case
          when suspect.suspects > 1 or suspect.is_certain then ${strikes.unclear}
          when suspect.was_paused then ${strikes.afterPause} else ${strikes.atOnce} end
      from suspect
      where refusal.deployment = suspect.deployment and refusal.model = suspect.model
        and refusal.job_id = suspect.job_id and refusal.is_open
      returning refusal.job_id, refusal.is_blamed, refusal.refused_at, refusal.is_certain
    ), turn as (
      select job_id, bool_or(is_blamed) as is_blamed,
        bool_or(is_blamed or is_certain) as is_at_once,
        row_number() over (order by bool_or(is_blamed or is_certain), min(refused_at)) - 1 as number
      from judged group by job_id
    ), reached as (
      -- A job whose refusal is being settled stays as it is, and finds the judgement afterwards.
      update kiln.jobs set
        dispatched_at = case when status = 'queued' then null else dispatched_at end,
        fair_tag = case when status = 'queued' then ${tagOfReturned} else fair_tag end,
        available_at = case when status <> 'queued' then available_at else
          clock_timestamp() + case when is_at_once then 0 else least(turn.number, 5)
            * (select interval_ms from kiln.pools where name = ${pool}) * 4 end
          * interval '1 millisecond' end
      from turn where jobs.id = turn.job_id and status in ('queued', 'in_progress')
      returning jobs.id, status
    ), released as (
      select id from reached where status = 'queued'
    ), model as (
      delete from kiln.paused_models where deployment = ${deployment} and model = ${call.model}
      returning *
    ), event as (${insert.model('model.resumed')}
    ), pool as (
      update kiln.pools set watched = exists (
          select from kiln.refusals other where other.pool = ${pool} and other.is_open
            and other.job_id <> ${call.jobId}
            and (other.deployment, other.model, other.job_id) not in
              (select deployment, model, job_id from suspect))
        or exists (select from kiln.answer_shapes where pool = ${pool} and in_a_row > 0)
      where name = ${pool} and watched
    )
    select array(select id from released) as released,
      array(select job_id from turn where is_blamed) as blamed,
      exists (select from model) as "isModelResumed"`,
  );
  return rows[0] ?? { released: [], blamed: [], isModelResumed: false };
}

/**
 * A job was settled to rest after its refusal. If the refusal was judged before that, nothing would
 * wake the job: it may start now. Returns whether that is so.
 */
export async function releaseIfJudged(
  db: Database,
  { deployment }: Pick<RefusalScope, 'deployment'>,
  { jobId, attemptNo }: Pick<RefusedCall, 'jobId' | 'attemptNo'>,
): Promise<boolean> {
  const result = await sql`
    update kiln.jobs set available_at = clock_timestamp()
    where id = ${jobId} and status = 'queued' and not exists (select from kiln.refusals
      where job_id = ${jobId} and deployment = ${deployment} and attempt_no = ${attemptNo}
        and is_open)`.execute(db);
  return Number(result.numAffectedRows ?? 0) > 0;
}

export type Verdict =
  /** The refusals were the job's own: it fails with the provider's words. */
  | { status: 'blamed'; message: string }
  /** The job was refused last, and others can be tried before it. */
  | { status: 'yields' }
  | { status: 'none' };

/**
 * What a refused job may do at its next turn.
 * @param deployments those that may be called for it: all that work must have refused it
 */
export async function readVerdict(
  db: Database,
  job: { id: string; pool: string; model: string },
  deployments: readonly string[],
): Promise<Verdict> {
  const candidates = sql`unnest(${[...deployments]}::text[]) as candidate(name)`;
  const { rows } = await sql<{ message: string | null; yields: boolean }>`
    select (select message from kiln.refusals where job_id = ${job.id} and is_blamed
        and not exists (select from ${candidates} where not exists (
          select from kiln.refusals other where other.job_id = ${job.id}
            and other.deployment = candidate.name)
          and not exists (${isPaused(job.model)}))
        order by refused_at desc limit 1) as message,
      not exists (select from ${candidates} where not exists (
        select from kiln.paused_deployments paused where paused.name = candidate.name
          and paused.job_id = ${job.id}
        union all select from kiln.paused_models paused where paused.deployment = candidate.name
          and paused.model = ${job.model} and paused.job_id = ${job.id}))
      and exists (select from kiln.jobs where pool = ${job.pool} and status = 'queued'
        and dispatched_at is not null and available_at <= clock_timestamp() and id <> ${job.id}
        and (model = ${job.model} or not exists (select from kiln.paused_models paused
          where paused.job_id = ${job.id}))) as yields`.execute(db);
  const [row] = rows;
  if (row?.message !== null && row?.message !== undefined)
    return { status: 'blamed', message: row.message };
  return { status: row?.yields === true ? 'yields' : 'none' };
}

/**
 * Makes the job that was refused first, of the others that were, available when the next probe is
 * due: another job than the one that was refused last is to make it.
 */
export async function wakeForProbe(
  db: Database,
  { deployment, model }: RefusalScope,
  { jobId }: { jobId: string },
  waitMs: number,
): Promise<void> {
  const dueAt = sql`clock_timestamp() + ${waitMs}::float8 * interval '1 millisecond'`;
  await sql`
    update kiln.jobs set available_at = ${dueAt}, dispatched_at = null, fair_tag = ${tagOfReturned}
    where id = (select refusal.job_id from kiln.refusals refusal join kiln.jobs on id = job_id
        where refusal.deployment = ${deployment} and refusal.model = ${model ?? ''} and is_open
          and job_id <> ${jobId} and status = 'queued'
        order by refused_at limit 1)
      and status = 'queued' and available_at > ${dueAt}`.execute(db);
}

/** Forgets the refusals of a job that has failed because of them: a retry begins anew. */
export async function forgetRefusals(db: Database, jobId: string): Promise<void> {
  await sql`
    with paused as (
      delete from kiln.paused_models where job_id = ${jobId}
    )
    delete from kiln.refusals where job_id = ${jobId}
      or (not is_open and refused_at < clock_timestamp() - interval '1 day')`.execute(db);
}

/**
 * Pauses a model at a deployment. Its first probe is due after `firstMs`; the time doubles with
 * every probe that fails, up to `longestMs`.
 */
export async function pauseModel(
  db: Database,
  { pool, deployment, model }: RefusalScope & { model: string },
  { jobId, code, message }: RefusedCall,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
): Promise<{ isNew: boolean; waitMs: number }> {
  const probeMs = sql`case when old.probing
    then least(${longestMs}::float8, old.probe_ms * 2) else old.probe_ms end`;
  const { rows } = await writeEvents(
    db,
    (insert) => sql<{ isNew: boolean; waitMs: number }>`
    with paused as (
    insert into kiln.paused_models as old
      (deployment, model, pool, reason, job_id, message, paused_until, probe_ms)
    values (${deployment}, ${model}, ${pool}, ${code}, ${jobId}, ${message},
      clock_timestamp() + ${firstMs} * interval '1 millisecond', ${firstMs})
    on conflict (deployment, model) do update set reason = ${code}, job_id = ${jobId},
      message = ${message}, probing = false, probe_ms = ${probeMs},
      paused_until = greatest(old.paused_until,
        clock_timestamp() + ${probeMs} * interval '1 millisecond')
    returning *, xmax = 0 as is_new
    ), model as (
      select * from paused where is_new
    ), event as (${insert.model('model.paused')})
    select is_new as "isNew",
      (extract(epoch from paused_until - clock_timestamp()) * 1000)::float8 as "waitMs"
    from paused`,
  );
  return rows[0] ?? { isNew: false, waitMs: firstMs };
}
