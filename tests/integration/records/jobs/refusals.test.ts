/** Whose a refusal is, as the records find it: the job's, the model's, or the deployment's. */
import { claimJobs } from '@kiln/shared/records/jobs/claims';
import { takeWindow } from '@kiln/shared/records/jobs/dispatches';
import {
  forgetRefusals,
  pauseModel,
  readVerdict,
  recordAnswer,
  recordRefusal,
  releaseIfJudged,
} from '@kiln/shared/records/jobs/refusals';
import { transactionWithEvents } from '@kiln/shared/records/events/write-events';
import { recordImages, recordShape } from '@kiln/shared/records/jobs/answer-shapes';
import {
  openAttempt,
  settleFaults,
  type FaultSettlement,
} from '@kiln/shared/records/jobs/settlements';
import { beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';
import { addClaimed, addInFlight, addJob, eventsOf, openTestRecords, readRow } from '../support.ts';

const records = await openTestRecords();
const { db, pool: database } = records;
const scope = { pool: 'default', deployment: 'simulator', model: null };
const routing = { routes: ['simulator'], candidates: ['simulator'] };

beforeEach(async () => {
  await database.query('truncate kiln.jobs cascade');
  for (const table of [
    'events',
    'refusals',
    'paused_models',
    'paused_deployments',
    'answer_shapes',
  ])
    await database.query(`delete from kiln.${table}`);
  await database.query('update kiln.pools set watched = false, interval_ms = 1000');
});

const refusal: FaultSettlement = {
  attemptStatus: 'refused',
  error: { code: 'pool_paused_auth', message: 'no', param: null, moderation: null },
  facts: { httpStatus: 403, providerRequestId: null, usage: null, costMicros: null },
  atRiskMicros: 0,
  jobStatus: 'queued',
  delayMs: 60_000,
};

/** Makes a call of a new job that is refused; the job rests then. */
async function refuse({ isCertain = false, model = null as string | null } = {}) {
  const claim = await addClaimed(records);
  await openAttempt(db, claim, 1, ['simulator']);
  const call = { jobId: claim.jobId, attemptNo: 1, jobModel: 'gpt-image-2', isCertain };
  const words = { code: 'pool_paused_auth', message: 'the words' };
  const facts = await recordRefusal(db, { ...scope, model }, { ...call, ...words }, routing);
  await settleFaults(db, [{ claim, attemptNo: 1, fault: refusal }]);
  return { jobId: claim.jobId, facts };
}

/** Makes a call of a new job that is answered. */
async function answer() {
  const claim = await addClaimed(records);
  await openAttempt(db, claim, 1, ['simulator']);
  return recordAnswer(db, scope, { jobId: claim.jobId, attemptNo: 1, model: 'gpt-image-2' });
}

function verdictOf(jobId: string) {
  return readVerdict(db, { id: jobId, pool: 'default', model: 'gpt-image-2' }, ['simulator']);
}

async function isWatched(): Promise<boolean> {
  const { rows } = await database.query<{ watched: boolean }>('select watched from kiln.pools');
  return rows[0]!.watched;
}

test('a refused job is blamed once another one is answered, and may start now', async () => {
  const { jobId, facts } = await refuse();
  expect(facts).toMatchObject({ alone: 1, othersRefused: false, othersWait: false });
  expect(await isWatched()).toBe(true);
  expect(await answer()).toMatchObject({ blamed: [jobId], released: [jobId] });
  expect(await isWatched()).toBe(false);
  expect(await verdictOf(jobId)).toEqual({ status: 'blamed', message: 'the words' });
  const row = await readRow(records, jobId);
  expect(row.dispatched_at).toBeNull();
  expect(row.available_at.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  await forgetRefusals(db, jobId);
  expect(await verdictOf(jobId)).toEqual({ status: 'none' });
});

test('a refusal that is judged before its job is settled does not let the job rest', async () => {
  const claim = await addClaimed(records);
  await openAttempt(db, claim, 1, ['simulator']);
  const call = { jobId: claim.jobId, attemptNo: 1, jobModel: 'gpt-image-2', isCertain: true };
  const words = { code: 'pool_paused_answers', message: 'no picture' };
  await recordRefusal(db, scope, { ...call, ...words }, routing);
  expect((await answer()).released).toEqual([]);
  await settleFaults(db, [{ claim, attemptNo: 1, fault: refusal }]);
  expect(await releaseIfJudged(db, scope, call)).toBe(true);
  const { available_at } = await readRow(records, claim.jobId);
  expect(available_at.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
});

test('a refusal that is judged while its job is being settled releases the job', async () => {
  const claim = await addClaimed(records);
  await openAttempt(db, claim, 1, ['simulator']);
  const call = { jobId: claim.jobId, attemptNo: 1, jobModel: 'gpt-image-2', isCertain: true };
  const words = { code: 'pool_paused_answers', message: 'no picture' };
  await recordRefusal(db, scope, { ...call, ...words }, routing);
  const judged = await transactionWithEvents(db, async (settling) => {
    await settleFaults(settling, [{ claim, attemptNo: 1, fault: refusal }]);
    expect(await releaseIfJudged(settling, scope, call)).toBe(false);
    const answered = answer();
    await waitForLock();
    return { answered };
  });
  expect((await judged.answered).released).toEqual([claim.jobId]);
});

/** Waits until a statement waits for the rows of another. */
const waitForLock = () =>
  waitFor(
    async () => (await database.query('select from pg_locks where not granted')).rows.length > 0,
    { what: 'a statement to wait for a lock' },
  );

test('an answer to a call that was started before the refusal proves nothing', async () => {
  const early = await addClaimed(records);
  await openAttempt(db, early, 1, ['simulator']);
  const { jobId } = await refuse();
  const call = { jobId: early.jobId, attemptNo: 1, model: 'gpt-image-2' };
  expect(await recordAnswer(db, scope, call)).toMatchObject({ blamed: [], released: [] });
  expect(await verdictOf(jobId)).toEqual({ status: 'none' });
});

test('a job is blamed at the third strike when the provider named the key', async () => {
  const { jobId } = await refuse({ isCertain: true });
  for (const strike of [1, 2, 3]) {
    if (strike > 1) {
      const call = { jobId, attemptNo: strike, jobModel: 'gpt-image-2', isCertain: true };
      await recordRefusal(db, scope, { ...call, code: 'pool_paused_auth', message: 'no' }, routing);
    }
    expect((await answer()).blamed).toEqual(strike === 3 ? [jobId] : []);
  }
});

test('two jobs refused together are tried again apart, and neither is blamed', async () => {
  const one = await refuse();
  const other = await refuse();
  expect(other.facts).toMatchObject({ othersRefused: true, isAnswering: false });
  expect(await answer()).toMatchObject({ blamed: [] });
  const [first, second] = [await readRow(records, one.jobId), await readRow(records, other.jobId)];
  const apartMs = second.available_at.getTime() - first.available_at.getTime();
  expect(apartMs).toBeGreaterThanOrEqual(3_900);
});

test('a call being answered between two refusals shows that the deployment works', async () => {
  await refuse();
  await openAttempt(db, await addClaimed(records), 1, ['simulator']);
  expect((await refuse()).facts).toMatchObject({ othersRefused: true, isAnswering: true });
});

test('a refusal counts other jobs that wait, and repeated refusals without them', async () => {
  const { jobId } = await refuse();
  await addJob(records);
  const call = { jobId, jobModel: 'gpt-image-2', code: 'x', message: 'no', isCertain: false };
  const again = { ...call, attemptNo: 2 };
  expect(await recordRefusal(db, scope, again, routing)).toMatchObject({
    alone: 2,
    othersWait: true,
  });
  // The statement may be repeated after a lost connection.
  expect(await recordRefusal(db, scope, again, routing)).toMatchObject({ alone: 2 });
  await refuse();
  expect(await recordRefusal(db, scope, { ...call, attemptNo: 3 }, routing)).toMatchObject({
    alone: 1,
    othersRefused: true,
  });
});

describe('a paused model', () => {
  const ofModel = { ...scope, model: 'gpt-image-9' };
  const limits = { firstMs: 60_000, longestMs: 900_000 };
  const refused = {
    jobId: 'job_other',
    attemptNo: 1,
    jobModel: 'gpt-image-9',
    code: 'model_paused',
    message: 'no such model',
    isCertain: false,
  };
  const window = {
    name: 'default',
    routes: [{ route: 'simulator', deployments: ['simulator'], isShared: false }],
    sharers: [],
  };

  test('keeps its jobs out of the window, and lets one probe when it is due', async () => {
    await pauseModel(db, ofModel, refused, limits);
    const jobs = [
      await addJob(records, { model: 'gpt-image-9', route: 'simulator' }),
      await addJob(records, { model: 'gpt-image-9', route: 'simulator' }),
    ];
    const good = await addJob(records, { route: 'simulator' });
    expect((await takeWindow(db, window, 10)).map(({ id }) => id)).toEqual([good]);
    await database.query('update kiln.paused_models set paused_until = clock_timestamp()');
    const [probe, ...others] = await takeWindow(db, window, 10);
    expect([jobs.includes(probe!.id), others]).toEqual([true, []]);
    expect(await takeWindow(db, window, 10)).toEqual([]);

    const claim = { jobId: probe!.id, dispatchNo: probe!.dispatchNo, worker: 'wrk_1' };
    expect(await claimJobs(db, [claim], 30_000)).toMatchObject([{ status: 'claimed', closed: [] }]);
    expect(await openAttempt(db, claim, 1, ['simulator'])).toEqual({
      deployment: 'simulator',
      isProbe: true,
    });
    const call = { jobId: probe!.id, attemptNo: 1, model: 'gpt-image-9' };
    expect(await recordAnswer(db, scope, call)).toMatchObject({ isModelResumed: true });
    expect(await takeWindow(db, window, 10)).toHaveLength(1);
  });

  test('closes the deployment to its jobs only, and says so once in an event', async () => {
    expect(await pauseModel(db, ofModel, refused, limits)).toMatchObject({ isNew: true });
    expect(await pauseModel(db, ofModel, refused, limits)).toMatchObject({ isNew: false });
    const { rows } = await database.query<{ data: object }>(
      "select data from kiln.events where type = 'model.paused'",
    );
    expect(rows.map(({ data }) => data)).toEqual([
      {
        id: 'gpt-image-9',
        deployment: 'simulator',
        pool: 'default',
        reason: 'model_paused',
        job_id: 'job_other',
        message: 'no such model',
      },
    ]);
    const bad = await addJob(records, { model: 'gpt-image-9' });
    await database.query(
      'update kiln.jobs set dispatched_at = now(), dispatch_no = 1, pool = $2 where id = $1',
      [bad, 'default'],
    );
    const claim = { jobId: bad, dispatchNo: 1, worker: 'wrk_1' };
    expect(await claimJobs(db, [claim], 30_000)).toMatchObject([{ closed: ['simulator'] }]);
    expect(await openAttempt(db, claim, 1, ['simulator'])).toBe('closed');
    expect(await openAttempt(db, await addClaimed(records), 1, ['simulator'])).toMatchObject({
      isProbe: false,
    });
  });
});

test('a shape is known from the second job on, and forgotten after a good repetition', async () => {
  const at = { pool: 'default', deployment: 'simulator' };
  const shape = 'an address';
  const record = (jobId: string, attemptNo: number) =>
    recordShape(db, at, shape, { jobId, attemptNo });
  expect(await record('job_1', 1)).toEqual({ isKnown: false, inARow: 1 });
  expect(await record('job_1', 1)).toEqual({ isKnown: false, inARow: 1 });
  expect(await record('job_2', 1)).toEqual({ isKnown: true, inARow: 2 });
  expect(await recordImages(db, 'simulator', { jobId: 'job_3', attemptNo: 1 })).toBe(2);
  expect(await record('job_2', 2)).toEqual({ isKnown: true, inARow: 1 });
  expect(await record('job_4', 1)).toEqual({ isKnown: true, inARow: 2 });
  expect(await record('job_5', 1)).toEqual({ isKnown: true, inARow: 3 });
  expect(await recordImages(db, 'simulator', { jobId: 'job_1', attemptNo: 2 })).toBe(3);
  expect(await record('job_6', 1)).toEqual({ isKnown: false, inARow: 1 });
});

test('images end a row of a shape if their call started after the first of the row', async () => {
  const at = { pool: 'default', deployment: 'simulator' };
  const before = await addInFlight(records);
  const calls = [
    await addInFlight(records),
    await addInFlight(records),
    await addInFlight(records),
  ];
  const among = await addInFlight(records);
  for (const { jobId } of calls.toReversed())
    await recordShape(db, at, 'no picture', { jobId, attemptNo: 1 });
  expect(await recordImages(db, 'simulator', { jobId: before.jobId, attemptNo: 1 })).toBe(0);
  expect(await recordImages(db, 'simulator', { jobId: among.jobId, attemptNo: 1 })).toBe(3);
});

test('an event of a job that waits again says why', async () => {
  const { jobId } = await refuse();
  expect(await eventsOf(records, jobId)).toContain('job.retrying');
  const { rows } = await database.query<{ data: object }>(
    "select data from kiln.events where type = 'job.retrying' and job_id = $1",
    [jobId],
  );
  expect(rows).toMatchObject([{ data: { id: jobId, queue: { reason: 'retry' } } }]);
});
