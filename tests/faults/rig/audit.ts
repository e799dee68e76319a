/**
 * The audit of a run compares four sources: Kiln's records, the provider's ledger, the objects in
 * the store and the logs. Each sentence in `violations` is a broken promise. The audit needs no
 * test runner, because the long run uses it as well.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import { explain } from './explanations.ts';
import { checkQuota } from './quota.ts';
import { promptMarker, providerKey, type FaultEnvironment } from './environment.ts';
import type { AttemptFacts } from './attempt-facts.ts';

export interface JobFacts {
  id: string;
  status: string;
  crashes: number;
  error: { code: string } | null;
  /** Number of events that say that the job has ended. */
  ends: number;
}

interface ImageFacts {
  job_id: string;
  attempt_no: number;
  object_key: string;
  sha256: string;
}

export interface Facts {
  jobs: JobFacts[];
  attempts: AttemptFacts[];
  images: ImageFacts[];
  entries: readonly LedgerEntry[];
}

export interface Audit {
  jobs: number;
  succeeded: number;
  failed: number;
  /** Calls that reached the provider's model. */
  calls: number;
  paid: number;
  /** Attempts whose outcome could not be known. */
  unknown: number;
  /**
   * Payments beyond the first of a job: with an injected fault that explains them, or without one.
   */
  secondExplained: number;
  secondUnexplained: number;
  lost: number;
  quotaViolations: number;
  violations: string[];
}

/**
 * A job fails after this many lost workers. Written here on its own, so that a mistake in Kiln's
 * constant is noticed.
 */
const maxCrashes = 3;
const endStates = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

/** @param accepted ids of the jobs that the API accepted with a 202 */
export async function runAudit(
  environment: FaultEnvironment,
  accepted: readonly string[],
): Promise<Audit> {
  const facts = await readFacts(environment);
  const jobs = new Map(facts.jobs.map((job) => [job.id, job]));
  const violations: string[] = [];
  const lost = accepted.filter((id) => !endStates.has(jobs.get(id)?.status ?? ''));
  violations.push(
    ...lost.map((id) => `job ${id} was accepted and is ${jobs.get(id)?.status ?? 'gone'}`),
  );
  for (const job of facts.jobs) {
    if (job.ends !== 1)
      violations.push(`job ${job.id} has ended ${job.ends} times; it must end once`);
  }

  let secondExplained = 0;
  let secondUnexplained = 0;
  for (const job of facts.jobs) {
    const payments = judgeCalls(environment, facts, job);
    secondExplained += payments.explained;
    secondUnexplained += payments.unexplained;
    violations.push(...payments.violations);
  }
  const quota = checkQuota(facts.entries, environment.options);
  violations.push(...quota);
  violations.push(...(await checkImages(environment, facts)));
  violations.push(...(await checkLeftovers(environment, facts)));
  violations.push(...checkLogs(environment), ...checkProcesses(environment));

  const inStatus = (status: string) => facts.jobs.filter((job) => job.status === status).length;
  return {
    jobs: facts.jobs.length,
    succeeded: inStatus('succeeded'),
    failed: inStatus('failed'),
    calls: facts.entries.filter((entry) => entry.took_quota).length,
    paid: facts.entries.filter((entry) => entry.paid).length,
    unknown: facts.attempts.filter((attempt) => attempt.status === 'unknown').length,
    secondExplained,
    secondUnexplained,
    lost: lost.length,
    quotaViolations: quota.length,
    violations,
  };
}

async function readFacts(environment: FaultEnvironment): Promise<Facts> {
  return {
    jobs: await environment.query<JobFacts>(
      `with ended as (
         select job_id, count(*)::int as ends from kiln.events
         where type in ('job.succeeded', 'job.failed', 'job.cancelled', 'job.expired')
         group by job_id
       )
       select id, status, crashes, error, coalesce(ends, 0) as ends
       from kiln.jobs left join ended on job_id = id order by id`,
    ),
    attempts: await environment.query<AttemptFacts>(
      'select job_id, no, status, worker, error, started_at, finished_at from kiln.attempts ' +
        'order by job_id, no',
    ),
    images: await environment.query<ImageFacts>(
      'select job_id, attempt_no, object_key, sha256 from kiln.images order by job_id',
    ),
    entries: environment.ledger.entries(),
  };
}

/** Answers that come within this time of each other may be recorded in the other order. */
const togetherMs = 1_000;

/** Another job had such an unusable answer before: then the call is not repeated. */
function isKnownShape(attempts: readonly AttemptFacts[], attempt: AttemptFacts): boolean {
  return attempts.some(
    (other) =>
      other.job_id !== attempt.job_id &&
      other.status === 'unusable' &&
      attempt.status === 'unusable' &&
      other.error?.message === attempt.error?.message &&
      Number(other.finished_at) <= Number(attempt.finished_at) + togetherMs,
  );
}

/**
 * Compares the calls of a job with the calls that it may have: one, and one more for each injected
 * fault whose outcome is unknown or whose answer is unusable.
 */
function judgeCalls(
  environment: FaultEnvironment,
  { attempts, images, entries }: Facts,
  job: JobFacts,
) {
  const violations: string[] = [];
  const own = attempts.filter((attempt) => attempt.job_id === job.id);
  const calls = entries.filter((entry) => entry.kiln_job_id === job.id);
  const pictured = images.find((image) => image.job_id === job.id)?.attempt_no;
  const explained = own.filter((attempt) => {
    // These attempts explain no further call: a refused call is not executed, no call follows a
    // rejected one, and the attempt that made the picture is the one call that every job may have.
    if (attempt.status === 'refused' || attempt.status === 'rejected' || attempt.no === pictured)
      return false;
    const entry = calls.find(({ kiln_attempt_id: no }) => no === String(attempt.no));
    const isExplained = explain(environment, attempt, entry) !== null;
    if (attempt.status === 'in_flight' || !isExplained)
      violations.push(
        `attempt ${attempt.no} of job ${job.id} is ${attempt.status}, and no injected fault ` +
          'explains it',
      );
    return isExplained;
  }).length;
  for (const { kiln_attempt_id: no } of calls) {
    if (!own.some((attempt) => String(attempt.no) === no))
      violations.push(`job ${job.id} was called for by attempt ${no}, which is not in the records`);
  }
  const isPoison = job.error?.code === 'poison_job' && job.crashes >= maxCrashes;
  const isRejected = own.some(({ status }) => status === 'rejected');
  const fewest = own.some((attempt) => isKnownShape(attempts, attempt)) ? 1 : 2;
  if (job.status === 'failed' && !isPoison && !isRejected && explained < fewest)
    violations.push(
      `job ${job.id} has failed (${job.error?.code}) after ${explained} injected faults`,
    );
  const made = calls.filter((entry) => entry.took_quota).length;
  if (made > 1 + explained)
    violations.push(
      `job ${job.id} was called for ${made} times after ${explained} injected faults`,
    );
  const second = Math.max(0, calls.filter((entry) => entry.paid).length - 1);
  return {
    violations,
    explained: Math.min(second, explained),
    unexplained: Math.max(0, second - explained),
  };
}

/**
 * A job has succeeded exactly if there is an object with the hash that the record names, and the
 * provider sent those bytes for this attempt.
 */
async function checkImages(
  environment: FaultEnvironment,
  { jobs, images, entries }: Facts,
): Promise<string[]> {
  const violations = jobs.flatMap(({ id, status }) => {
    const hasImage = images.some((image) => image.job_id === id);
    return hasImage === (status === 'succeeded')
      ? []
      : [`job ${id} is ${status}, with${hasImage ? '' : 'out'} an image`];
  });
  for (const { job_id: jobId, attempt_no: no, object_key: key, sha256 } of images) {
    const found = await environment.store.get(key);
    const bytes = found && (await buffer(found.stream));
    if (bytes === null) violations.push(`the object ${key} of job ${jobId} is missing`);
    else if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      violations.push(`the object ${key} of job ${jobId} differs from its recorded hash`);
    const sent = entries.find(
      (entry) => entry.kiln_job_id === jobId && entry.kiln_attempt_id === String(no),
    );
    if (sent?.image_sha256.includes(sha256) !== true)
      violations.push(`the image of job ${jobId} is not what the provider sent for attempt ${no}`);
  }
  return violations;
}

/** Names of the answer files in all spools. */
export async function listSpooled(environment: FaultEnvironment): Promise<string[]> {
  const spools = environment.dataFolders().map(environment.spoolOf);
  const names = await Promise.all(spools.map((spool) => readdir(spool)));
  return names.flat().filter((name) => name.endsWith('.answer'));
}

/**
 * Spools may hold answers of jobs that have ended, when they came late or their worker's machine
 * has not come back. An answer of an unfinished job is a violation.
 */
async function checkLeftovers(environment: FaultEnvironment, { jobs }: Facts): Promise<string[]> {
  const unfinished = new Set(
    jobs.filter(({ status }) => !endStates.has(status)).map(({ id }) => id),
  );
  return (await listSpooled(environment))
    .filter((name) => unfinished.has(name.slice(0, name.lastIndexOf('-'))))
    .map((name) => `the spool still holds an answer of an unfinished job: ${name}`);
}

export function checkLogs(environment: FaultEnvironment): string[] {
  const secrets = { 'a prompt': promptMarker, "the provider's key": providerKey };
  const outputs = [environment.api, ...environment.formerApis, ...environment.workers].map(
    ({ output }) => output(),
  );
  // Without any line this check would prove nothing. A process that was killed at once has none.
  if (!outputs.some((text) => text.includes('"msg":'))) return ['nothing was logged'];
  return Object.entries(secrets).flatMap(([what, secret]) =>
    outputs.some((text) => text.includes(secret)) ? [`${what} is in a log`] : [],
  );
}

/** A process ends only when the test kills or stops it. */
function checkProcesses(environment: FaultEnvironment): string[] {
  return [environment.api, ...environment.formerApis, ...environment.workers].flatMap((each) => {
    const end = each.end();
    return end === null || end === 'SIGKILL' || end === 0
      ? []
      : [`a process ended without being asked to: ${end}`];
  });
}

/**
 * Lists stored objects that no record names. Call it after garbage collection. A late answer of a
 * failed job may stay: the job uses it when it is retried.
 */
export async function findOrphans(environment: FaultEnvironment): Promise<string[]> {
  const rows = await environment.query<{ object_key: string }>(
    'select object_key from kiln.images',
  );
  const kept = await environment.query<{ prefix: string }>(
    `select a.job_id || '/' || a.no || '-' as prefix
     from kiln.attempts a join kiln.jobs j on j.id = a.job_id
     where j.status <> 'succeeded' and a.status in ('unknown', 'succeeded')`,
  );
  const known = new Set(rows.map((row) => row.object_key));
  const listed = await environment.store.list('images/', { limit: Number.MAX_SAFE_INTEGER });
  return listed
    .map(({ key }) => key)
    .filter((key) => !known.has(key) && !kept.some(({ prefix }) => key.includes(prefix)));
}
