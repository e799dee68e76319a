/** Reads the simulator's ledger, the attempts, the store and the spool for the worker's tests. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Attempt, Job } from '@kiln/shared/schemas/job';
import type { PoolView } from '@kiln/shared/schemas/pool';
import { expect } from 'vitest';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import type { TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface LedgerView {
  reached: boolean;
  counters: {
    calls: number;
    in_flight: number;
    paid: number;
    images: number;
    refused_by_429: number;
    max_starts_per_minute: number;
  };
  entries: LedgerEntry[];
}

export function ledgerOf(kiln: TestKiln, query = ''): Promise<LedgerView> {
  return kiln.control('GET', `ledger${query}`);
}

export async function callsOf(kiln: TestKiln, jobId: string): Promise<LedgerEntry[]> {
  return (await ledgerOf(kiln)).entries.filter((entry) => entry.kiln_job_id === jobId);
}

export async function attemptsOf(kiln: TestKiln, jobId: string): Promise<Attempt[]> {
  const answer = await kiln.request(`/v1/jobs/${jobId}/attempts`);
  return ((await answer.json()) as { data: Attempt[] }).data;
}

/**
 * The attempts of a job without those whose start had passed before the call. A busy machine may
 * miss any start; nothing is sent then, and the call is made with another one.
 */
export async function callAttemptsOf(kiln: TestKiln, jobId: string): Promise<Attempt[]> {
  const attempts = await attemptsOf(kiln, jobId);
  return attempts.filter(({ error }) => error?.code !== 'start_missed');
}

/**
 * The types of a job's events, without Kiln's own retries: a busy machine may miss a start, and the
 * job waits for another one.
 */
export async function eventTypesOf({ deps }: TestKiln, jobId: string): Promise<string[]> {
  const { rows } = await deps.records.pool.query<{ type: string }>(
    `select type from kiln.events where job_id = $1
       and not (type = 'job.retrying' and data ? 'queue') order by seq`,
    [jobId],
  );
  return rows.map(({ type }) => type);
}

async function poolOf(kiln: TestKiln): Promise<PoolView> {
  const { data } = (await (await kiln.request('/v1/pools')).json()) as { data: PoolView[] };
  return data[0]!;
}

export function blockedPoolOf(kiln: TestKiln): Promise<PoolView> {
  return waitFor(
    async () => (({ pool }) => pool.blocked_reason !== null && pool)({ pool: await poolOf(kiln) }),
    {
      what: 'the pool to be blocked',
    },
  );
}

/** Waits for the spool: an answer leaves it a moment after it was recorded. */
export async function spoolEmptied(kiln: TestKiln): Promise<void> {
  await waitFor(async () => (await spooled(kiln)).length === 0, {
    what: 'the spool to be emptied',
  });
}

export function spooled(kiln: TestKiln): Promise<string[]> {
  return readdir(join(kiln.dataDir, 'spool'));
}

/** The hashes of a job's objects in the store. */
async function storedHashes(kiln: TestKiln, jobId: string): Promise<string[]> {
  const { rows } = await kiln.deps.records.pool.query<{ object_key: string }>(
    'select object_key from kiln.images where job_id = $1 order by index',
    [jobId],
  );
  return Promise.all(
    rows.map(async ({ object_key: key }) => {
      const object = await kiln.deps.store.get(key);
      if (object === null) throw new Error(`${key} has a record and no object`);
      return sha256(await buffer(object.stream));
    }),
  );
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Expects a job that succeeded, and stored objects with the hashes that the provider sent. */
export async function expectKept(kiln: TestKiln, job: Job, sent: readonly string[]): Promise<void> {
  expect(job.status).toBe('succeeded');
  expect(job.images.map((image) => image.sha256)).toEqual(sent);
  expect(await storedHashes(kiln, job.id)).toEqual(sent);
}

/** Opens a blocked pool. Work items that wait for the end of the block stay delayed. */
export async function unblock(kiln: TestKiln): Promise<void> {
  for (const table of ['paused_deployments', 'paused_models', 'refusals', 'answer_shapes'])
    await kiln.deps.records.pool.query(`delete from kiln.${table}`);
  await kiln.deps.records.pool.query(
    `update kiln.pools set blocked_until = null, blocked_reason = null, next_start_at = now(),
      paused_by = null, probe_ms = null, probing = false,
      pace_share = 1, refusals = 0, adjusted_at = 'epoch', announced = false`,
  );
}
