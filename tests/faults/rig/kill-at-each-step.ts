/**
 * One worker holds a job at each of the steps of a job's way, before and after what the step does,
 * and is killed: `kill -9` at all of them at once. What follows depends on one question only: may
 * the provider have been called, and has the answer been kept?
 */
import { expect } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { expectNoViolation } from './invariants.ts';
import { openEnvironment } from './open-environment.ts';
import { createWireHolds, statements, type WireHolds } from './wire-holds.ts';
import type { EngineName } from '../../support/engines/engine-matrix.ts';
import type { FaultEnvironment } from './environment.ts';
import { breakObjects, breakSpool, isSpooled } from './storage-faults.ts';

/** What a job has cost in the end. */
interface Costs {
  unknown: number;
  calls: number;
  paid: number;
}

const once: Costs = { unknown: 0, calls: 1, paid: 1 };
/** Recorded as a call, and the provider never got it. */
const notCalled: Costs = { unknown: 1, calls: 1, paid: 1 };
const twice: Costs = { unknown: 1, calls: 2, paid: 2 };

interface Point {
  name: string;
  costs: Costs;
  /** Where the next worker does not see the spool of the dead one. */
  costsElsewhere?: Costs;
  /** Prepares the point; what it returns tells whether the job has come to it. */
  arrange(parts: Parts): () => boolean;
}

interface Parts {
  environment: FaultEnvironment;
  jobId: string;
  database: WireHolds;
  provider: WireHolds;
  /** Undone when the worker is dead. */
  undo: (() => void)[];
}

const onWire =
  (link: 'database' | 'provider', hold: 'before' | 'after', text: string): Point['arrange'] =>
  ({ [link]: holds, jobId }) =>
    holds.set({ hold, texts: [text, jobId] }).isHolding;

const call = 'POST /v1/images';
const points: Point[] = [
  {
    name: '1 claim: not made',
    costs: once,
    arrange: onWire('database', 'before', statements.claim),
  },
  { name: '1 claim: made', costs: once, arrange: onWire('database', 'after', statements.claim) },
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
    name: '5 call: the provider works on it',
    costs: twice,
    arrange:
      ({ environment }) =>
      () =>
        environment.ledger.tally().in_flight === 1,
  },
  {
    name: '5 call: the answer is on its way',
    costs: twice,
    arrange: onWire('provider', 'after', call),
  },
  {
    name: '6 keep: not on the disk',
    costs: twice,
    arrange: ({ environment, jobId, undo }) => {
      undo.push(breakSpool(environment, 'machine-1', jobId, 'stuck').mend);
      return () => environment.ledger.entries().some((entry) => entry.kiln_job_id === jobId);
    },
  },
  {
    name: '6 keep: in the spool, not in the store',
    costs: once,
    costsElsewhere: twice,
    arrange: ({ environment, jobId, undo }) => {
      undo.push(breakObjects(environment, jobId).mend);
      return () => isSpooled(environment, 'machine-1', jobId);
    },
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
];

/** Longer than the jobs need to come to their points. */
const worksMs = 4_000;

export interface KillOptions {
  engine: EngineName;
  /** Where the next worker starts; the dead one ran on `machine-1`. */
  next: 'machine-1' | 'machine-2';
  /** What the job that waits for its start is held at. */
  pace: 'before' | 'after';
}

export async function killAtEachStep({ engine, next, pace }: KillOptions): Promise<void> {
  const environment = await openEnvironment({
    engine,
    rpm: 300,
    minuteMs: 60_000,
    leaseMs: 1_000,
    latencyMs: { min: 0, max: 0 },
    pictures: 'full',
  });
  const [database, provider] = [
    createWireHolds(environment.links.database),
    createWireHolds(environment.links.provider),
  ];
  const undo: (() => void)[] = [];
  await environment.control('POST', 'faults', {
    fault: 'delay',
    prompt_contains: 'works on it',
    delay_ms: worksMs,
  });
  const jobs = await Promise.all(
    points.map(async (point) => {
      const jobId = await environment.submitFor(point.name);
      return {
        jobId,
        point,
        isThere: point.arrange({ environment, jobId, database, provider, undo }),
      };
    }),
  );
  const victim = await environment.startWorker('machine-1');
  for (const { point, isThere } of jobs)
    await waitFor(isThere, { what: `a job to come to the point "${point.name}"` });
  // Step 3 waits in line and names no job, so its job comes last: its start is asked for, or
  // granted, and the worker does not know.
  const start = database.set({ hold: pace, texts: [statements.takeStart] });
  const last = await environment.submitFor('3 pace');
  await waitFor(start.isHolding, { what: 'a job to come to the pace' });
  environment.recordHarmedCalls('answer-withheld');
  await environment.kill(victim);
  for (const put of undo) put();
  database.cut();
  provider.cut();

  await environment.startWorker(next);
  const ids = [...jobs.map(({ jobId }) => jobId), last];
  await environment.waitForCount('succeeded', ids.length);
  await waitFor(() => environment.ledger.tally().in_flight === 0, {
    what: 'the call of the dead worker to end',
  });
  await expectNoViolation(environment, ids);
  const costs = await costsOf(environment);
  expect(Object.fromEntries(jobs.map(({ jobId, point }) => [point.name, costs(jobId)]))).toEqual(
    Object.fromEntries(
      points.map(({ name, costs, costsElsewhere }) => [
        name,
        next === 'machine-1' ? costs : (costsElsewhere ?? costs),
      ]),
    ),
  );
  expect(costs(last)).toEqual(once);
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
