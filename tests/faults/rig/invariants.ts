/** What holds after every fault, whatever it was. */
import { expect } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { checkLogs, findOrphans, listSpooled, runAudit, type Audit } from './audit.ts';
import { collectNow } from './collect.ts';
import type { FaultEnvironment } from './environment.ts';

interface Tallies {
  /**
   * Rows of the ledger of attempts, but those that were refused: nothing came of them, and they
   * cost nothing.
   */
  attempts: number;
  /** Of those, calls whose outcome nobody knew. */
  unknown: number;
  /** Calls the provider saw, and what it billed. */
  calls: number;
  paid: number;
}

/**
 * Nothing that holds after every fault is broken: see `audit.ts`; and after a collection of
 * garbage no object is without its record.
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
 * Every job has succeeded once, its picture is the provider's, nothing is left over; returns what
 * was called and paid.
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

/** A worker may still be about to discard what it has settled: that is waited for. */
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
    "select count(*) filter (where status <> 'refused')::int as attempts, count(*) filter (where status = 'unknown')::int as unknown from kiln.attempts",
  );
  const { calls, paid } = environment.ledger.tally();
  return { attempts: row?.attempts ?? 0, unknown: row?.unknown ?? 0, calls, paid };
}

/**
 * Every call beyond one a job is one whose outcome nobody could know, and each of those is in the
 * records.
 */
export function expectNoneTwiceUnlessUnknown(
  { attempts, unknown, calls, paid }: Tallies,
  jobs: number,
): void {
  expect(paid).toBeGreaterThanOrEqual(jobs);
  expect(paid - jobs).toBeLessThanOrEqual(unknown);
  expect(attempts).toBe(jobs + unknown);
  // A process may die between the record of an attempt and its call.
  expect(calls).toBeLessThanOrEqual(attempts);
  expect(attempts - calls).toBeLessThanOrEqual(unknown);
}
