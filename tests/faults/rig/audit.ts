/**
 * The audit of a run: what the records say, what the provider's ledger says, what lies in the
 * store and what was written to the logs, held against each other. Every sentence in `violations`
 * is a promise that was broken. It counts on nothing of a test runner.
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
  /** Events that tell of its end. */
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
  /** Calls that reached the provider's model, and those it billed. */
  calls: number;
  paid: number;
  /** Attempts whose outcome nobody knew. */
  unknown: number;
  /** Payments beyond the first of a job: after a fault that was staged, or for no reason. */
  secondExplained: number;
  secondUnexplained: number;
  lost: number;
  quotaViolations: number;
  violations: string[];
}

/** So many lost workers a job survives; counted here, not taken from Kiln. */
const crashesOfPoison = 3;
const endStates = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

/** @param accepted the jobs the callers were told of (202) */
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
    if (job.ends !== 1) violations.push(`job ${job.id} has ended ${job.ends} times`);
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
  // Batches do not exist yet; when they do: every batch's counters equal a recount of its jobs.

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
         where type in ('job.succeeded', 'job.failed', 'job.cancelled', 'job.expired') group by job_id
       )
       select id, status, crashes, error, coalesce(ends, 0) as ends from kiln.jobs left join ended on job_id = id order by id`,
    ),
    attempts: await environment.query<AttemptFacts>(
      'select job_id, no, status, worker, error, started_at, finished_at from kiln.attempts order by job_id, no',
    ),
    images: await environment.query<ImageFacts>(
      'select job_id, attempt_no, object_key, sha256 from kiln.images order by job_id',
    ),
    entries: environment.ledger.entries(),
  };
}

/**
 * Calls per job: one, and one more for each fault of unknown outcome, or unusable answer, that was
 * staged on it.
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
    // A refused call is not executed, a rejected one is the last, and the one with the picture is
    // the one that is due.
    if (attempt.status === 'refused' || attempt.status === 'rejected' || attempt.no === pictured)
      return false;
    const entry = calls.find(({ kiln_attempt_id: no }) => no === String(attempt.no));
    const isExplained = explain(environment, attempt, entry) !== null;
    if (attempt.status === 'in_flight' || !isExplained)
      violations.push(
        `attempt ${attempt.no} of job ${job.id} is ${attempt.status}, for no reason that was staged`,
      );
    return isExplained;
  }).length;
  for (const { kiln_attempt_id: no } of calls) {
    if (!own.some((attempt) => String(attempt.no) === no))
      violations.push(`job ${job.id} was called for as attempt ${no}, which is not in the records`);
  }
  const isPoison = job.error?.code === 'poison_job' && job.crashes >= crashesOfPoison;
  const isRejected = own.some(({ status }) => status === 'rejected');
  if (job.status === 'failed' && !isPoison && !isRejected && explained < 2)
    violations.push(
      `job ${job.id} has failed (${job.error?.code}) after ${explained} faults that were staged`,
    );
  const made = calls.filter((entry) => entry.took_quota).length;
  if (made > 1 + explained)
    violations.push(
      `job ${job.id} was called for ${made} times, and ${explained} faults were staged on it`,
    );
  const second = Math.max(0, calls.filter((entry) => entry.paid).length - 1);
  return {
    violations,
    explained: Math.min(second, explained),
    unexplained: Math.max(0, second - explained),
  };
}

/**
 * Succeeded ⇔ an object with the hash the record says, that the provider has sent for this attempt.
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
      violations.push(`the object ${key} of job ${jobId} is not what was recorded`);
    const sent = entries.find(
      (entry) => entry.kiln_job_id === jobId && entry.kiln_attempt_id === String(no),
    );
    if (sent?.image_sha256.includes(sha256) !== true)
      violations.push(
        `the image of job ${jobId} is not what the provider has sent for attempt ${no}`,
      );
  }
  return violations;
}

/** The names of the answers in all spools. */
export async function listSpooled(environment: FaultEnvironment): Promise<string[]> {
  const spools = environment.dataFolders().map(environment.spoolOf);
  const names = await Promise.all(spools.map((spool) => readdir(spool)));
  return names.flat().filter((name) => name.endsWith('.answer'));
}

/**
 * In the spools there may be answers of jobs that have ended: of a worker whose machine has not
 * come back, or that came too late.
 */
async function checkLeftovers(environment: FaultEnvironment, { jobs }: Facts): Promise<string[]> {
  const unfinished = new Set(
    jobs.filter(({ status }) => !endStates.has(status)).map(({ id }) => id),
  );
  return (await listSpooled(environment))
    .filter((name) => unfinished.has(name.slice(0, name.lastIndexOf('-'))))
    .map((name) => `an answer was left in a spool: ${name}`);
}

export function checkLogs(environment: FaultEnvironment): string[] {
  const secrets = { 'a prompt': promptMarker, "the provider's key": providerKey };
  const outputs = [environment.api, ...environment.formerApis, ...environment.workers].map(
    ({ output }) => output(),
  );
  // There must be something to look through; a process that was killed at once has said nothing.
  if (!outputs.some((text) => text.includes('"msg":'))) return ['nothing was logged'];
  return Object.entries(secrets).flatMap(([what, secret]) =>
    outputs.some((text) => text.includes(secret)) ? [`${what} is in a log`] : [],
  );
}

/** A process ends when it is told to, and at no other time. */
function checkProcesses(environment: FaultEnvironment): string[] {
  return [environment.api, ...environment.formerApis, ...environment.workers].flatMap((each) => {
    const end = each.end();
    return end === null || end === 'SIGKILL' || end === 0
      ? []
      : [`a process ended by itself: ${end}`];
  });
}

/**
 * What lies in the store and is no image of a record: to be asked after a collection of garbage. An
 * answer that came too late for a job that has failed stays: the job finds it if it is asked for
 * again.
 */
export async function findOrphans(environment: FaultEnvironment): Promise<string[]> {
  const rows = await environment.query<{ object_key: string }>(
    'select object_key from kiln.images',
  );
  const kept = await environment.query<{ prefix: string }>(
    `select a.job_id || '/' || a.no || '-' as prefix from kiln.attempts a join kiln.jobs j on j.id = a.job_id
     where j.status <> 'succeeded' and a.status in ('unknown', 'succeeded')`,
  );
  const known = new Set(rows.map((row) => row.object_key));
  const listed = await environment.store.list('images/', { limit: Number.MAX_SAFE_INTEGER });
  return listed
    .map(({ key }) => key)
    .filter((key) => !known.has(key) && !kept.some(({ prefix }) => key.includes(prefix)));
}
