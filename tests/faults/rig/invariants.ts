/** Assertions that hold after every fault. */
import { expect } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { checkLogs, findOrphans, listSpooled, runAudit, type Audit } from './audit.ts';
import { collectNow } from './collect.ts';
import type { FaultEnvironment } from './environment.ts';

interface Tallies {
  /** Attempts, without those that were refused: a refused call has no effect and no cost. */
  attempts: number;
  /** Attempts whose outcome could not be known. */
  unknown: number;
  /** Calls that the provider received, and calls that it billed. */
  calls: number;
  paid: number;
}

/**
 * Expects no violation in the audit (`audit.ts`), and no object without a record after garbage
 * collection.
 */
export async function expectNoViolation(
  environment: FaultEnvironment,
  ids: readonly string[],
): Promise<Audit> {
  const audit = await runAudit(environment, ids);
  expect(audit.violations).toEqual([]);
  expect([audit.lost, audit.secondUnexplained, audit.quotaViolations]).toEqual([0, 0, 0]);
  expect(audit.jobs).toBe(ids.length);
  await collectNow(environment);
  expect(await findOrphans(environment)).toEqual([]);
  expect((await runAudit(environment, ids)).violations).toEqual([]);
  return audit;
}

/**
 * Expects that every job has succeeded once with the provider's picture and that nothing is left
 * over. Returns what was called and paid.
 */
export async function expectAllSucceeded(
  environment: FaultEnvironment,
  ids: readonly string[],
): Promise<Tallies> {
  const jobs = await environment.query<{ id: string; status: string }>(
    'select id, status from kiln.jobs order by id',
  );
  expect(jobs).toEqual([...ids].toSorted().map((id) => ({ id, status: 'succeeded' })));
  await expectNothingLeftOver(environment);
  await expectNoViolation(environment, ids);
  return tally(environment);
}

/** Waits, because a worker may still be about to discard a settled answer from its spool. */
async function expectNothingLeftOver(environment: FaultEnvironment): Promise<void> {
  await waitFor(async () => (await listSpooled(environment)).length === 0, {
    what: 'the spools to be empty',
  });
  expect(
    await environment.query("select job_id, no from kiln.attempts where status = 'in_flight'"),
  ).toEqual([]);
}

export function expectNoPromptIn(environment: FaultEnvironment): void {
  expect(checkLogs(environment)).toEqual([]);
}

export async function tally(environment: FaultEnvironment): Promise<Tallies> {
  const [row] = await environment.query<{ attempts: number; unknown: number }>(
    "select count(*) filter (where status <> 'refused')::int as attempts, count(*) filter " +
      "(where status = 'unknown')::int as unknown from kiln.attempts",
  );
  const { calls, paid } = environment.ledger.tally();
  return { attempts: row?.attempts ?? 0, unknown: row?.unknown ?? 0, calls, paid };
}

/**
 * Expects that each second call of a job follows an attempt of unknown outcome, and that the
 * records hold every such attempt.
 */
export function expectNoneTwiceUnlessUnknown(
  { attempts, unknown, calls, paid }: Tallies,
  jobs: number,
): void {
  expect(paid).toBeGreaterThanOrEqual(jobs);
  expect(paid - jobs).toBeLessThanOrEqual(unknown);
  expect(attempts).toBe(jobs + unknown);
  // A process may die after recording an attempt and before its call.
  expect(calls).toBeLessThanOrEqual(attempts);
  expect(attempts - calls).toBeLessThanOrEqual(unknown);
}
