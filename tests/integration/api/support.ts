/** The few ways in which the tests of the API talk to it. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import type { Job } from '@kiln/shared/schemas/job';
import { expect } from 'vitest';
import { engines, type QueueEngine } from '../../support/engines/engines.ts';
import type { TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface LedgerView {
  reached: boolean;
  counters: { calls: number; in_flight: number; paid: number };
  entries: { kiln_job_id: string; image_sha256: string[]; client_gone: boolean; paid: boolean }[];
}

export interface JobList {
  object: 'list';
  data: Job[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

export function engineNamed(name: QueueEngine['name']): QueueEngine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine === undefined) throw new Error(`there is no engine ${name}`);
  return engine;
}

/** The error of an answer; its body must be the one shape that every route has. */
export async function readError(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const { error } = errorBodySchema.parse(await response.json());
  return { status: response.status, ...error };
}

export async function readJob(response: Response): Promise<Job> {
  return (await response.json()) as Job;
}

/**
 * What the records hold and what was called: nothing of it may come of a request that was refused.
 */
export async function countEffects({ deps, control }: TestKiln) {
  const { rows } = await deps.records.pool.query<{ jobs: number; events: number; keys: number }>(
    `select (select count(*) from kiln.jobs) as jobs, (select count(*) from kiln.events) as events,
      (select count(*) from kiln.idempotency_keys) as keys`,
  );
  const { counters } = await control<LedgerView>('GET', 'ledger');
  return { ...rows[0], calls: counters.calls };
}

/**
 * What `/readyz` answers where nothing is away; on a busy machine something may be taken for it at
 * first.
 */
export function readiness(url: string): Promise<{ response: Response; body: object }> {
  return waitFor(
    async () => {
      const response = await fetch(`${url}/readyz`);
      const body = (await response.json()) as { database: string; queue: string };
      return body.database === 'ok' && body.queue === 'ok' && { response, body };
    },
    { what: 'database and queue to answer' },
  );
}

/** Waits until so many calls are under way in the simulator. */
export async function callsUnderWay(kiln: TestKiln, count: number): Promise<void> {
  const view = await kiln.control<LedgerView>('GET', `ledger?in_flight=${count}&wait_ms=10000`);
  expect(view.counters.in_flight).toBe(count);
}

/** Waits until the simulator has written so many calls down. */
export async function callsFinished(kiln: TestKiln, count: number): Promise<LedgerView> {
  const view = await kiln.control<LedgerView>('GET', `ledger?min_finished=${count}&wait_ms=10000`);
  expect(view.reached).toBe(true);
  return view;
}

/** Waits until a job is in a state, by the records. */
export function jobIs(kiln: TestKiln, id: string, status: Job['status']): Promise<Job> {
  return waitFor(async () => ((job) => job.status === status && job)(await kiln.read(id)), {
    what: `job ${id} to be ${status}`,
  });
}

/** Waits until every job has ended or is held: the next test finds no work of the one before. */
export function noJobUnderWay({ deps }: TestKiln): Promise<true> {
  return waitFor(
    async () => {
      const { rows } = await deps.records.pool.query(
        `select 1 from kiln.jobs where status in ('queued', 'in_progress') limit 1`,
      );
      return rows.length === 0;
    },
    { what: 'every job to end' },
  );
}
