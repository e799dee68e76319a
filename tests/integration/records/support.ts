/**
 * The records on a database of their own with one pool, which the tests of this folder start from.
 */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { buildRoutes } from '@kiln/shared/models/routes';
import { buildId } from '@kiln/shared/ids';
import { createLogger, type Logger } from '@kiln/shared/logger';
import { releaseLapsedClaims, type Claim } from '@kiln/shared/records/jobs/claims';
import { takeWindow, type PoolRoutes } from '@kiln/shared/records/jobs/dispatches';
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { findJob, type JobRow } from '@kiln/shared/records/jobs/jobs';
import { endJob, type JobEnd } from '@kiln/shared/records/jobs/end-job';
import { migrate } from '@kiln/shared/records/database/migrate';
import {
  openRecords,
  type Database,
  type Records,
} from '@kiln/shared/records/database/open-records';
import type { KeptImage } from '@kiln/shared/records/images/kept-images';
import { savePools } from '@kiln/shared/records/pools';
import {
  openAttempt,
  type AnswerFacts,
  type FaultSettlement,
} from '@kiln/shared/records/jobs/settlements';
import { emptyRow } from '@kiln/shared/services/jobs/new-job';
import { createTestDatabase } from '../../support/engines/database.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { waitFor } from '../../support/wait-for.ts';
import { claimJob } from '../../support/ledger.ts';

export const log: Logger = createLogger({ name: 'test', level: 'silent' });
const deployment: Deployment = {
  ...deploymentDefaults,
  name: 'simulator',
  pool: 'default',
  provider: 'openai',
  model: null,
  defaultModel: 'gpt-image-2',
  baseUrl: 'http://127.0.0.1',
  apiKey: 'simulator',
  azure: null,
  stream: null,
};
/** Accepts any model. */
export const any: Deployment = { ...deployment, name: 'any' };
export const deployments = [deployment.name];
export const routes = buildRoutes([deployment]);
export const pool: PoolRoutes = {
  name: 'default',
  routes: [{ route: 'simulator', deployments, isShared: false }],
  sharers: [],
};
export const leaseMs = 30_000;

export interface TestRecords extends Records {
  databaseUrl: string;
}

export async function openTestRecords(databaseUrl?: string): Promise<TestRecords> {
  const url = databaseUrl ?? (await createTestDatabase()).url;
  const records = openRecords({
    databaseUrl: url,
    connections: 24,
    name: 'test',
    statementTimeoutMs: 30_000,
    log,
  });
  atEndOfFile(() => records.close());
  await migrate(records.pool);
  await savePools(records.db, [{ name: 'default', rpm: 6, intervalMs: 10_000, catchUpMs: 40 }]);
  return { ...records, databaseUrl: url };
}

export function buildJob(changes: Partial<JobRow> = {}): JobRow {
  const now = new Date();
  return {
    ...emptyRow,
    id: buildId('job'),
    project_id: 'default',
    endpoint: '/v1/images/generations',
    model: 'gpt-image-2',
    deployment: 'simulator',
    route: 'simulator',
    request: { prompt: 'A small boat' },
    metadata: {},
    warnings: [],
    priority: 0,
    available_at: now,
    max_attempts: 5,
    request_id: 'req_test',
    cost_estimated_micros: 1_000,
    cost_basis: 'published',
    created_at: now,
    ...changes,
  };
}

export async function addJob({ db }: Records, changes: Partial<JobRow> = {}): Promise<string> {
  const job = buildJob(changes);
  await createJobIntake(db, routes).create(job, null);
  // The tag of a new job depends on the jobs that wait already, so set it afterwards.
  if ('fair_tag' in changes)
    await db
      .updateTable('kiln.jobs')
      .set({ fair_tag: job.fair_tag })
      .where('id', '=', job.id)
      .execute();
  return job.id;
}

/** Adds a job and dispatches it. Returns the claim that a worker could make. */
export async function addDispatched(
  records: Records,
  changes: Partial<JobRow> = {},
): Promise<Claim> {
  const jobId = await addJob(records, changes);
  return { jobId, dispatchNo: await dispatch(records, jobId), worker: buildId('wrk') };
}

/** Dispatches all waiting jobs. Returns the dispatch number of this one. */
export async function dispatch({ db }: Records, jobId: string): Promise<number> {
  const taken = await takeWindow(db, pool, 1_000);
  const found = taken.find(({ id }) => id === jobId);
  if (found === undefined) throw new Error('the job was not dispatched');
  return found.dispatchNo;
}

export async function addClaimed(records: Records, changes: Partial<JobRow> = {}): Promise<Claim> {
  const claim = await addDispatched(records, changes);
  const claimed = await claimJob(records.db, claim, leaseMs);
  if (claimed.status !== 'claimed') throw new Error(`the job is ${claimed.status}`);
  return claim;
}

/** Adds a job whose first attempt is in flight. */
export async function addInFlight(records: Records, changes: Partial<JobRow> = {}): Promise<Claim> {
  const claim = await addClaimed(records, changes);
  const target = await openAttempt(records.db, claim, 1, deployments);
  if (typeof target === 'string') throw new Error(`the attempt was ${target}`);
  return claim;
}

const forced: JobEnd = {
  status: 'cancelled',
  error: { code: 'cancelled_by_force', message: 'forced', param: null, moderation: null },
};

export function cancelByForce(db: Database, id: string): Promise<boolean> {
  return endJob(db, { projectId: 'default', id }, forced);
}

export async function readRow({ db }: Records, id: string): Promise<JobRow> {
  const row = await findJob(db, 'default', id);
  if (row === undefined) throw new Error(`there is no job ${id}`);
  return row;
}

/** Passes the job from a worker that died or was frozen to another one, and returns its claim. */
export async function passOn(records: Records, claim: Claim): Promise<Claim> {
  await lapse(records, claim.jobId);
  await releaseLapsedClaims(records.db, 1);
  const next = { ...claim, worker: 'wrk_second', dispatchNo: await dispatch(records, claim.jobId) };
  const claimed = await claimJob(records.db, next, leaseMs);
  if (claimed.status !== 'claimed') throw new Error(`the job is ${claimed.status}`);
  return next;
}

/** Waits until a statement on this database waits for a lock. */
export function waitForLock({ pool: database }: Records, what: string): Promise<unknown> {
  const waits =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  return waitFor(async () => (await database.query(waits)).rows.length > 0, { what });
}

/** Ends the lease, like a worker without heartbeats. */
export async function lapse({ pool: database }: Records, id: string): Promise<void> {
  await database.query(
    "update kiln.jobs set lease_expires_at = clock_timestamp() - interval '1 ms' where id = $1",
    [id],
  );
}

export async function eventsOf({ pool: database }: Records, id: string): Promise<string[]> {
  const { rows } = await database.query<{ type: string }>(
    'select type from kiln.events where job_id = $1 order by seq',
    [id],
  );
  return rows.map(({ type }) => type);
}

export const facts: AnswerFacts = {
  httpStatus: 200,
  providerRequestId: 'req_provider',
  usage: { output_tokens: 7 },
  costMicros: 900,
};

export const images: KeptImage[] = [
  {
    index: 0,
    object_key: 'images/a',
    format: 'png',
    width: 64,
    height: 64,
    bytes: 10,
    sha256: 'a'.repeat(64),
    crc32: 0,
    c2pa: null,
  },
];

export function buildFault(changes: Partial<FaultSettlement> = {}): FaultSettlement {
  return {
    attemptStatus: 'unknown',
    error: { code: 'connection_lost', message: 'cut', param: null, moderation: null },
    facts: { httpStatus: null, providerRequestId: null, usage: null, costMicros: null },
    atRiskMicros: 1_000,
    jobStatus: 'queued',
    delayMs: 0,
    ...changes,
  };
}
