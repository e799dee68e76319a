/**
 * One worker holds a job at each step of its way, before and after the effect of the step, and is
 * killed with all of them at once. What a job costs afterwards depends on two questions only: may
 * the provider have been called, and was the answer kept?
 */
import { expect } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { expectNoViolation } from './invariants.ts';
import { openEnvironment } from './open-environment.ts';
import { createWireHolds, statements, type WireHolds } from './wire-holds.ts';
import type { EngineName } from '../../support/engines/engine-matrix.ts';
import type { FaultEnvironment } from './environment.ts';
import { breakObjects, breakSpool, isSpooled } from './storage-faults.ts';

/** What a job has cost at its end. */
interface Costs {
  unknown: number;
  calls: number;
  paid: number;
}

const once: Costs = { unknown: 0, calls: 1, paid: 1 };
/** The attempt was recorded, and the provider never received the call. */
const notCalled: Costs = { unknown: 1, calls: 1, paid: 1 };
const twice: Costs = { unknown: 1, calls: 2, paid: 2 };

interface Point {
  name: string;
  costs: Costs;
  /** What the job costs when the next worker does not see the dead worker's spool. */
  costsElsewhere?: Costs;
  /** Submits the job that is held at the point; `isThere` says whether it has reached it. */
  arrange(parts: Parts): Promise<{ jobId: string; isThere: () => boolean }>;
}

interface Parts {
  environment: FaultEnvironment;
  submit: () => Promise<string>;
  database: WireHolds;
  provider: WireHolds;
  /** Functions that each remove a fault; called when the worker is dead. */
  undo: (() => void)[];
}

/** Every job before this one is held, so the text needs no name of the job. */
const onWire =
  (link: 'database' | 'provider', hold: 'before' | 'after', text: string): Point['arrange'] =>
  async ({ [link]: holds, submit }) => {
    const { isHolding } = holds.set({ hold, texts: [text] });
    return { jobId: await submit(), isThere: isHolding };
  };

/** Holds a job where its answer is stored; the provider answers once that is prepared. */
const atStorage =
  (prepare: (parts: Parts, jobId: string) => () => boolean): Point['arrange'] =>
  async (parts) => {
    await parts.environment.setGate(true);
    const jobId = await parts.submit();
    const isThere = prepare(parts, jobId);
    await parts.environment.setGate(false);
    return { jobId, isThere };
  };

const call = 'POST /v1/images';
const points: Point[] = [
  {
    name: '4 ledger: not written',
    costs: once,
    arrange: onWire('database', 'before', statements.openAttempt),
  },
  {
    name: '4 ledger: written',
    costs: notCalled,
    arrange: onWire('database', 'after', statements.openAttempt),
  },
  { name: '5 call: on its way', costs: notCalled, arrange: onWire('provider', 'before', call) },
  {
    name: '5 call: the answer is on its way',
    costs: twice,
    arrange: onWire('provider', 'after', call),
  },
  {
    name: '6 keep: not on the disk',
    costs: twice,
    arrange: atStorage(({ environment, undo }, jobId) => {
      undo.push(breakSpool(environment, 'machine-1', jobId, 'stuck').mend);
      return () => environment.ledger.entries().some((entry) => entry.kiln_job_id === jobId);
    }),
  },
  {
    name: '6 keep: in the spool, not in the store',
    costs: once,
    costsElsewhere: twice,
    arrange: atStorage(({ environment, undo }, jobId) => {
      undo.push(breakObjects(environment, jobId).mend);
      return () => isSpooled(environment, 'machine-1', jobId);
    }),
  },
  {
    name: '7 settle: not recorded',
    costs: once,
    arrange: onWire('database', 'before', statements.settle),
  },
  {
    name: '7 settle: recorded',
    costs: once,
    arrange: onWire('database', 'after', statements.settle),
  },
  {
    // The last one that calls: from here on the provider answers nothing until the worker is dead.
    name: '5 call: the provider works on it',
    costs: twice,
    arrange: async ({ environment, submit }) => {
      await environment.setGate(true);
      return {
        jobId: await submit(),
        isThere: () => environment.ledger.tally().in_flight === 1,
      };
    },
  },
];

export interface KillOptions {
  engine: EngineName;
  /** The machine of the next worker; the dead one ran on `machine-1`. */
  next: 'machine-1' | 'machine-2';
  /** Whether the job that waits for its start is held before or after the start is granted. */
  pace: 'before' | 'after';
}

export async function killAtEachStep({ engine, next, pace }: KillOptions): Promise<void> {
  const environment = await openEnvironment({
    engine,
    rpm: 300,
    minuteMs: 60_000,
    // The victim holds its claims however long the jobs take to reach their points.
    leaseMs: 60_000,
    latencyMs: { min: 0, max: 0 },
    pictures: 'full',
  });
  const [database, provider] = [
    createWireHolds(environment.links.database),
    createWireHolds(environment.links.provider),
  ];
  const undo: (() => void)[] = [];
  const jobs: (Pick<Point, 'name' | 'costs' | 'costsElsewhere'> & { jobId: string })[] = [];
  const victim = await environment.startWorker('machine-1');
  // One after another, each when the one before it is held: jobs that are at the same step at the
  // same time share a statement.
  for (const point of points) {
    const submit = () => environment.submitFor(point.name);
    const { jobId, isThere } = await point.arrange({
      environment,
      submit,
      database,
      provider,
      undo,
    });
    await waitFor(isThere, { what: `a job to reach the point "${point.name}"` });
    jobs.push({ ...point, jobId });
  }
  // At step 3 the worker does not know whether the start was only requested, or granted as well.
  for (const { name, hold, text } of [
    { name: '1 claim: not made', hold: 'before', text: statements.claim },
    { name: '1 claim: made', hold: 'after', text: statements.claim },
    { name: '3 pace', hold: pace, text: statements.takeStart },
  ] as const) {
    const { isHolding } = database.set({ hold, texts: [text] });
    jobs.push({ name, jobId: await environment.submitFor(name), costs: once });
    await waitFor(isHolding, { what: `a job to reach the point "${name}"` });
  }
  environment.recordHarmedCalls('answer-withheld');
  await environment.kill(victim);
  await environment.setGate(false);
  for (const put of undo) put();
  database.cut();
  provider.cut();

  await environment.query(
    "update kiln.jobs set lease_expires_at = clock_timestamp() where status = 'in_progress'",
  );
  await environment.startWorker(next, { KILN_LEASE_MS: '1000' });
  const ids = jobs.map(({ jobId }) => jobId);
  await environment.waitForCount('succeeded', ids.length);
  await waitFor(() => environment.ledger.tally().in_flight === 0, {
    what: 'the call of the dead worker to end',
  });
  await expectNoViolation(environment, ids);
  const costs = await costsOf(environment);
  expect(Object.fromEntries(jobs.map(({ jobId, name }) => [name, costs(jobId)]))).toEqual(
    Object.fromEntries(
      jobs.map(({ name, costs: expected, costsElsewhere }) => [
        name,
        next === 'machine-1' ? expected : (costsElsewhere ?? expected),
      ]),
    ),
  );
}

async function costsOf(environment: FaultEnvironment): Promise<(jobId: string) => Costs> {
  const attempts = await environment.query<{ job_id: string }>(
    "select job_id from kiln.attempts where status = 'unknown'",
  );
  return (jobId) => {
    const calls = environment.ledger.entries().filter((entry) => entry.kiln_job_id === jobId);
    return {
      unknown: attempts.filter((attempt) => attempt.job_id === jobId).length,
      calls: calls.length,
      paid: calls.filter(({ paid }) => paid).length,
    };
  };
}
