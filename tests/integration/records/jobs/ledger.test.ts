/** Jobs that share a statement: each gets its own outcome, and one that is refused fails alone. */
import { listAttempts } from '@kiln/shared/records/jobs/attempts';
import type { Claim } from '@kiln/shared/records/jobs/claims';
import { imagesOf } from '@kiln/shared/records/jobs/jobs';
import { createLedger } from '@kiln/shared/records/jobs/ledger';
import { expect, test } from 'vitest';
import { claimJob } from '../../../support/ledger.ts';
import {
  addClaimed,
  addDispatched,
  addInFlight,
  buildFault,
  cancelByForce,
  deployments,
  facts,
  images,
  leaseMs,
  openTestRecords,
  readRow,
} from '../support.ts';

const records = await openTestRecords();
const { db } = records;

const ledger = createLedger(db, leaseMs);

/** The number of transactions that wrote the present versions of these jobs. */
async function countTransactions(claims: readonly Claim[]): Promise<number> {
  const { rows } = await records.pool.query<{ count: number }>(
    'select count(distinct xmin::text)::int as count from kiln.jobs where id = any($1)',
    [claims.map(({ jobId }) => jobId)],
  );
  return rows[0]!.count;
}

const count = 12;
/** One after another: dispatching takes all jobs that wait. */
async function several<T>(add: () => Promise<T>): Promise<T[]> {
  const added: T[] = [];
  while (added.length < count) added.push(await add());
  return added;
}

test('jobs that return together for a new dispatch share statements', async () => {
  const claims = await several(() => addDispatched(records));
  await Promise.all(
    claims.map(({ jobId, dispatchNo }) => ledger.returnDispatch({ id: jobId, dispatchNo })),
  );
  for (const { jobId } of claims) expect((await readRow(records, jobId)).dispatched_at).toBeNull();
  expect(await countTransactions(claims)).toBeLessThanOrEqual(2);
});

test('claims that come together share statements, and each has its own outcome', async () => {
  const claims = await several(() => addDispatched(records));
  const [taken, resting] = [claims[3]!, claims[7]!];
  await claimJob(db, { ...taken, worker: 'wrk_other' }, leaseMs);
  await records.pool.query(
    "update kiln.jobs set available_at = clock_timestamp() + interval '60 s' where id = $1",
    [resting.jobId],
  );
  const outcomes = await Promise.all(claims.map((claim) => ledger.claim(claim)));
  expect(outcomes.map(({ status }) => status)).toEqual(
    claims.map((claim) => (claim === taken ? 'stale' : claim === resting ? 'early' : 'claimed')),
  );
  for (const [index, outcome] of outcomes.entries())
    if (outcome.status === 'claimed') expect(outcome.job.id).toBe(claims[index]?.jobId);
  // The first one alone, and those that came meanwhile together. Two jobs were written before.
  expect(await countTransactions(claims)).toBeLessThanOrEqual(2 + 2);
});

test('a job is claimed once, even when its work item comes twice at the same moment', async () => {
  const claim = await addDispatched(records);
  const outcomes = await Promise.all([claim, claim, claim].map((each) => ledger.claim(each)));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['claimed', 'stale', 'stale']);
});

test('attempts are opened together, except those of jobs that must not be called for', async () => {
  const claims = await several(() => addClaimed(records));
  const [cancelled, foreign] = [claims[2]!, claims[5]!];
  await cancelByForce(db, cancelled.jobId);
  const opened = await Promise.all(
    claims.map((claim) =>
      ledger.openAttempt({
        claim: claim === foreign ? { ...claim, worker: 'wrk_other' } : claim,
        no: 1,
        deployments,
        avoid: null,
      }),
    ),
  );
  for (const [index, claim] of claims.entries()) {
    const isRefused = claim === cancelled || claim === foreign;
    expect(opened[index]).toEqual(
      isRefused ? 'refused' : { deployment: 'simulator', isProbe: false },
    );
    expect(await listAttempts(db, claim.jobId)).toHaveLength(isRefused ? 0 : 1);
  }
});

test('a settlement that the database refuses fails alone; the others are kept', async () => {
  const claims = await several(() => addInFlight(records));
  const poisoned = claims[4]!;
  const settled = await Promise.allSettled(
    claims.map((claim) =>
      ledger.settleSucceeded({
        claim,
        attemptNo: 1,
        facts,
        // Two images of the same number.
        images: claim === poisoned ? [...images, ...images] : images,
      }),
    ),
  );
  for (const [index, claim] of claims.entries()) {
    const isPoisoned = claim === poisoned;
    expect(settled[index]?.status).toBe(isPoisoned ? 'rejected' : 'fulfilled');
    expect((await readRow(records, claim.jobId)).status).toBe(
      isPoisoned ? 'in_progress' : 'succeeded',
    );
    expect(await imagesOf(db, [claim.jobId])).toHaveLength(isPoisoned ? 0 : 1);
  }
});

test('faults that are settled together each decide about their own job', async () => {
  const claims = await several(() => addInFlight(records));
  const statuses = ['queued', 'failed', 'held'] as const;
  const became = await Promise.all(
    claims.map((claim, index) =>
      ledger.settleFault({
        claim,
        attemptNo: 1,
        fault: buildFault({ jobStatus: statuses[index % 3]!, atRiskMicros: index }),
      }),
    ),
  );
  expect(became).toEqual(claims.map((_claim, index) => statuses[index % 3]));
  for (const [index, { jobId }] of claims.entries())
    expect(await readRow(records, jobId)).toMatchObject({
      status: statuses[index % 3],
      cost_at_risk_micros: index,
    });
});

test('a provider can say anything: NUL, half a pair, impossible numbers', async () => {
  const [answered, refused] = [await addInFlight(records), await addInFlight(records)];
  const usage = {
    input_tokens: 1.5,
    output_tokens: 'many\0',
    total_tokens: 1e300,
    'a\0b\uD800': ['\uDC00'],
  };
  expect(
    await ledger.settleSucceeded({
      claim: answered,
      attemptNo: 1,
      facts: { httpStatus: 200, providerRequestId: 'a\0b', usage, costMicros: 1e300 },
      images,
    }),
  ).toEqual({ isPoolWatched: false });
  expect(await readRow(records, answered.jobId)).toMatchObject({
    status: 'succeeded',
    cost_actual_micros: null,
    usage: { output_tokens: 'many\uFFFD', 'a\uFFFDb\uFFFD': ['\uFFFD'] },
  });
  const error = { code: 'unusable_answer', message: 'cut\0\uD83D', param: null, moderation: null };
  await ledger.settleFault({
    claim: refused,
    attemptNo: 1,
    fault: buildFault({ error, jobStatus: 'failed' }),
  });
  expect((await readRow(records, refused.jobId)).error?.message).toBe('cut\uFFFD\uFFFD');
});
