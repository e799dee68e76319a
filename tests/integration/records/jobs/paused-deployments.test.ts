/**
 * Deployments that do not work: which one a call goes to, when it is probed, and that it does not
 * block the others.
 */
import { createPoolGuard } from '@kiln/shared/quota/pool-guard';
import { withdrawClaim } from '@kiln/shared/records/jobs/claims';
import { cancelJob } from '@kiln/shared/records/jobs/jobs';
import { openAttempt } from '@kiln/shared/records/jobs/settlements';
import { beforeEach, expect, test } from 'vitest';
import { addClaimed, addDispatched, eventsOf, openTestRecords, readRow } from '../support.ts';
import { claimJob } from '../../../support/ledger.ts';

const records = await openTestRecords();
const { db, pool: database } = records;
const guard = createPoolGuard(database, { minuteMs: 60_000 });
const pool = { name: 'default', deployments: ['broken'] };

beforeEach(async () => {
  await database.query('truncate kiln.jobs cascade; delete from kiln.paused_deployments');
  await database.query(
    `update kiln.pools set next_start_at = 'epoch', blocked_until = null, paused_by = null,
      probe_ms = null, probing = false, announced = false`,
  );
});

test('the next call of a paused pool goes to a deployment that was added', async () => {
  expect(await guard.pause(pool, 'broken', { code: 'pool_paused_auth' })).toMatchObject({
    pool: { isPaused: true },
  });
  const claim = await addClaimed(records);
  expect(await openAttempt(db, claim, 1, ['broken', 'added'])).toEqual({
    deployment: 'added',
    isProbe: false,
  });
  // The answer of the new deployment opens the pool, and the broken one stays paused.
  expect(await guard.answered('default', 'added')).toEqual({ wasPaused: true });
  expect(await openAttempt(db, await addClaimed(records), 1, ['broken'])).toBe('closed');
});

test('a lost claim uses up no probe', async () => {
  await guard.pause({ ...pool, deployments: ['broken', 'works'] }, 'broken', {
    code: 'pool_paused_auth',
  });
  await database.query(`update kiln.paused_deployments set paused_until = clock_timestamp()`);
  const claim = await addClaimed(records);
  const candidates = ['broken', 'works'];
  expect(await openAttempt(db, { ...claim, worker: 'wrk_other' }, 1, candidates)).toBe('refused');
  expect(await openAttempt(db, claim, 1, candidates)).toEqual({
    deployment: 'broken',
    isProbe: true,
  });
  expect(await openAttempt(db, await addClaimed(records), 1, candidates)).toMatchObject({
    isProbe: false,
  });
});

test('a claim returns the closed deployments, without those whose probe is due', async () => {
  const closedOf = async () => {
    const claimed = await claimJob(db, await addDispatched(records), 30_000);
    return claimed.status === 'claimed' && claimed.closed;
  };
  expect(await closedOf()).toEqual([]);
  await guard.pause({ ...pool, deployments: ['broken', 'works'] }, 'broken', {
    code: 'pool_paused_auth',
  });
  expect(await closedOf()).toEqual(['broken']);
  await database.query(`update kiln.paused_deployments set paused_until = clock_timestamp()`);
  expect(await closedOf()).toEqual([]);
  await guard.pause(pool, 'broken', { code: 'pool_paused_auth' });
  expect(await closedOf()).toEqual([]);
});

test('a job is cancelled when no deployment was open and its cancel was requested', async () => {
  const claim = await addClaimed(records);
  await cancelJob(db, 'default', claim.jobId);
  await withdrawClaim(db, claim);
  expect(await readRow(records, claim.jobId)).toMatchObject({
    status: 'cancelled',
    lease_owner: null,
  });
  expect(await eventsOf(records, claim.jobId)).toEqual(['job.created', 'job.cancelled']);
});
