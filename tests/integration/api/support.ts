/** Helpers with which the tests talk to the API. */
import { errorBodySchema, listSchema } from '@kiln/shared/schemas/api';
import type { Job } from '@kiln/shared/schemas/job';
import { queueEntrySchema, type QueueEntry } from '@kiln/shared/schemas/jobs/queue';
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

/** Reads the error of a response, and checks that its body has the one shape of all errors. */
export async function readError(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const { error } = errorBodySchema.parse(await response.json());
  return { status: response.status, ...error };
}

export async function readJob(response: Response): Promise<Job> {
  return (await response.json()) as Job;
}

const queueSchema = listSchema(queueEntrySchema.strict());

/** Reads what starts next, and checks that its entries have their shape. */
export async function readQueue(
  kiln: TestKiln,
  query = '',
): Promise<{ data: QueueEntry[]; has_more: boolean }> {
  const response = await kiln.request(`/v1/queue${query}`);
  expect(response.status).toBe(200);
  return queueSchema.parse(await response.json());
}

/** Reads the newest event of a job. */
export async function lastEventOf({ deps }: TestKiln, id: string): Promise<unknown> {
  const { rows } = await deps.records.pool.query(
    'select type, data from kiln.events where job_id = $1 order by seq desc limit 1',
    [id],
  );
  return rows[0];
}

/** Counts what is stored and called: a refused request must add nothing. */
export async function countEffects({ deps, control }: TestKiln) {
  const { rows } = await deps.records.pool.query<{ jobs: number; events: number; keys: number }>(
    `select (select count(*) from kiln.jobs) as jobs, (select count(*) from kiln.events) as events,
      (select count(*) from kiln.idempotency_keys) as keys`,
  );
  const { counters } = await control<LedgerView>('GET', 'ledger');
  return { ...rows[0], calls: counters.calls };
}

/**
 * Waits until `/readyz` reports that everything is available; on a busy machine a check may fail at
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

/** Waits until `count` calls are under way in the simulator. */
export async function callsUnderWay(kiln: TestKiln, count: number): Promise<void> {
  const view = await kiln.control<LedgerView>('GET', `ledger?in_flight=${count}&wait_ms=250000`);
  expect(view.counters.in_flight).toBe(count);
}

/** Waits until the simulator has recorded `count` calls. */
export async function callsFinished(kiln: TestKiln, count: number): Promise<LedgerView> {
  const view = await kiln.control<LedgerView>('GET', `ledger?min_finished=${count}&wait_ms=250000`);
  expect(view.reached).toBe(true);
  return view;
}

/** Waits until the records have the job in a state. */
export function jobIs(kiln: TestKiln, id: string, status: Job['status']): Promise<Job> {
  return waitFor(async () => ((job) => job.status === status && job)(await kiln.read(id)), {
    what: `job ${id} to be ${status}`,
  });
}

/** Waits until every job has ended or is held, so that the next test starts without work. */
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
