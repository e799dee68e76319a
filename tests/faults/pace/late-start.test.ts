/**
 * The database delays a job between the grant of its start and its call, so long that later starts
 * have been used.
 */
import { expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { expectAllSucceeded } from '../rig/invariants.ts';
import { openEnvironment } from '../rig/open-environment.ts';
import { createWireHolds, statements } from '../rig/wire-holds.ts';
import type { FaultEnvironment } from '../rig/environment.ts';

/** There are more jobs than a minute has starts, so the starts of a minute are judged as well. */
const pace = { rpm: 30, minuteMs: 6_000, leaseMs: 3_000, latencyMs: { min: 0, max: 20 } };

test('a stale start is not used: the call takes another one, and the quota is kept', async () => {
  const environment = await openEnvironment({ engine: 'postgres', ...pace });
  const holds = createWireHolds(environment.links.database);
  const ids = (await environment.submit(40)).toSorted();
  const late = ids
    .slice(8, 11)
    .map((id) => holds.set({ hold: 'after', texts: [statements.openAttempt, id] }));
  await environment.startWorker();
  await waitFor(() => late.every(({ isHolding }) => isHolding()), {
    what: 'three jobs to have their starts',
  });
  const { calls } = environment.ledger.tally();
  await waitFor(() => environment.ledger.tally().calls >= calls + 6, { what: 'six more calls' });
  holds.release();
  await environment.waitForCount('succeeded', 40);
  // The three jobs took other starts; no call was made with the first ones.
  expect(await expectAllSucceeded(environment, ids)).toEqual({
    attempts: 40,
    unknown: 0,
    calls: 40,
    paid: 40,
  });
  const missed = await environment.query(
    "select from kiln.attempts where error->>'code' = 'start_missed'",
  );
  expect(missed.length).toBeGreaterThanOrEqual(3);
});

test('a stale start is not used, however often a job meets one', async () => {
  const environment = await openEnvironment({ engine: 'postgres', ...pace });
  const holds = createWireHolds(environment.links.database);
  const ids = (await environment.submit(20)).toSorted();
  const late = ids[8] ?? '';
  for (const attemptNo of [1, 2]) {
    const hold = holds.set({ hold: 'after', texts: [statements.openAttempt, late] });
    if (attemptNo === 1) await environment.startWorker();
    await waitFor(() => hold.isHolding(), { what: `attempt ${attemptNo} to have its start` });
    // Submit more jobs, because the late job may be the last of the earlier ones.
    ids.push(...(await environment.submit(10)));
    const { calls } = environment.ledger.tally();
    await waitFor(() => environment.ledger.tally().calls >= calls + 6, { what: 'six more calls' });
    holds.release();
    await waitFor(async () => (await countMissed(environment, late)) === attemptNo, {
      what: 'it to be given up',
    });
  }
  await environment.waitForCount('succeeded', 40);
  expect(await expectAllSucceeded(environment, ids)).toEqual({
    attempts: 40,
    unknown: 0,
    calls: 40,
    paid: 40,
  });
});

async function countMissed(environment: FaultEnvironment, id: string): Promise<number> {
  const missed = await environment.query(
    "select from kiln.attempts where job_id = $1 and error->>'code' = 'start_missed'",
    [id],
  );
  return missed.length;
}
