/**
 * A start is granted, and the database is slow with what comes before its call: by then the starts
 * behind it have been used.
 */
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectAllSucceeded } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';
import { createSnares, statements } from './rig/snares.ts';
import type { Stage } from './rig/stage.ts';

/** Its minute is judged as well: there are more jobs than a minute has starts. */
const pace = { rpm: 30, minuteMs: 6_000, leaseMs: 3_000, latencyMs: { min: 0, max: 20 } };

test('a start that is over is not used: the call takes another one, and the quota is kept', async () => {
  const stage = await openStage({ engine: 'postgres', ...pace });
  const snares = createSnares(stage.links.database);
  const ids = (await stage.submit(40)).toSorted();
  const late = ids
    .slice(8, 11)
    .map((id) => snares.set({ hold: 'after', texts: [statements.openAttempt, id] }));
  await stage.startWorker();
  await waitFor(() => late.every(({ isCaught }) => isCaught()), {
    what: 'three jobs to have their starts',
  });
  const { calls } = stage.ledger.tally();
  await waitFor(() => stage.ledger.tally().calls >= calls + 6, { what: 'six more calls' });
  snares.release();
  await stage.waitForCount('succeeded', 40);
  // The three took other starts: nothing was sent with the first ones.
  expect(await expectAllSucceeded(stage, ids)).toEqual({
    attempts: 40,
    unknown: 0,
    calls: 40,
    paid: 40,
  });
  const missed = await stage.query(
    "select from kiln.attempts where error->>'code' = 'start_missed'",
  );
  expect(missed.length).toBeGreaterThanOrEqual(3);
});

test('a start that is over is not used, however often that happens to a job', async () => {
  const stage = await openStage({ engine: 'postgres', ...pace });
  const snares = createSnares(stage.links.database);
  const ids = (await stage.submit(20)).toSorted();
  const late = ids[8] ?? '';
  for (const attemptNo of [1, 2]) {
    const snare = snares.set({ hold: 'after', texts: [statements.openAttempt, late] });
    if (attemptNo === 1) await stage.startWorker();
    await waitFor(() => snare.isCaught(), { what: `attempt ${attemptNo} to have its start` });
    // It may be the last of those before.
    ids.push(...(await stage.submit(10)));
    const { calls } = stage.ledger.tally();
    await waitFor(() => stage.ledger.tally().calls >= calls + 6, { what: 'six more calls' });
    snares.release();
    await waitFor(async () => (await countMissed(stage, late)) === attemptNo, {
      what: 'it to be given up',
    });
  }
  await stage.waitForCount('succeeded', 40);
  expect(await expectAllSucceeded(stage, ids)).toEqual({
    attempts: 40,
    unknown: 0,
    calls: 40,
    paid: 40,
  });
});

async function countMissed(stage: Stage, id: string): Promise<number> {
  const missed = await stage.query(
    "select from kiln.attempts where job_id = $1 and error->>'code' = 'start_missed'",
    [id],
  );
  return missed.length;
}
