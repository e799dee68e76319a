/**
 * Answers that were paid for and not recorded, because a worker died or something was unavailable:
 * they are used, without another call.
 */
import { renameSync, rmSync } from 'node:fs';
import { rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildId } from '@kiln/shared/ids';
import type { Claim } from '@kiln/shared/records/jobs/claims';
import type { KeptImage } from '@kiln/shared/records/images/kept-images';
import { openAttempt } from '@kiln/shared/records/jobs/settlements';
import { sweepSpool } from '@kiln/shared/services/maintenance/sweep-spool';
import { storeImages } from '@kiln/shared/services/running/answers';
import { openSpool } from '@kiln/shared/storage/local/spool';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines, enginesOf } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { hashed } from '../../support/pictures/pictures.ts';
import { waitFor } from '../../support/wait-for.ts';
import { loseNextItem } from '../queue/support.ts';
import { buildFault, log } from '../records/support.ts';
import {
  callAttemptsOf,
  callsOf,
  expectKept,
  ledgerOf,
  sha256,
  spooled,
  spoolEmptied,
} from './support.ts';
import { claimJob, settleFault } from '../../support/ledger.ts';

/** The smallest picture there is. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const facts = { httpStatus: 200, providerRequestId: 'req_before', usage: null, costMicros: 4_200 };
const lapsed = { KILN_LEASE_MS: '1000' };

/** Imitates a worker that died during a call: its claim has lapsed, its attempt is in flight. */
async function dieInFlight(kiln: TestKiln, id: string): Promise<void> {
  const { db, pool } = kiln.deps.records;
  const claim = await waitFor(
    async () => {
      // A dispatch whose item is not claimed in time is repeated with another number.
      const { rows } = await pool.query<{ dispatch_no: number }>(
        'select dispatch_no from kiln.jobs where id = $1 and dispatched_at is not null',
        [id],
      );
      const dispatchNo = rows[0]?.dispatch_no;
      if (dispatchNo === undefined) return false;
      const tried: Claim = { jobId: id, worker: buildId('wrk'), dispatchNo };
      return (await claimJob(db, tried, 60_000)).status === 'claimed' && tried;
    },
    { what: 'the job to be dispatched and claimed' },
  );
  expect(await openAttempt(db, claim, 1, ['simulator'])).toMatchObject({ deployment: 'simulator' });
  await pool.query(
    "update kiln.jobs set lease_expires_at = now() - interval '1 second' where id = $1",
    [id],
  );
}

/** Stores an answer's images like a worker that dies before it records them. */
function storeAnswer(kiln: TestKiln, id: string, count: number): Promise<KeptImage[]> {
  const image = { ...hashed(picture), format: 'png' as const, width: 1, height: 1 };
  return storeImages(
    kiln.deps.store,
    { jobId: id, no: 1 },
    Array.from({ length: count }, () => image),
  );
}

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('an answer in the spool is used, without a call', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit();
    await dieInFlight(kiln, id);
    const spool = await openSpool(join(kiln.dataDir, 'spool'), log);
    await spool.keep({ jobId: id, no: 1 }, { facts, images: [hashed(picture)] });

    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture)]);
    expect(job).toMatchObject({ cost: { actual: 0.0042, at_risk: 0 }, attempts: { made: 1 } });
    expect(await callAttemptsOf(kiln, id)).toMatchObject([
      { status: 'succeeded', provider_request_id: 'req_before' },
    ]);
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
    await spoolEmptied(kiln);
  });

  test('a work item that was lost on its way to a worker is dispatched again', async () => {
    const opened = await engine.open();
    const kiln = await startKiln({ engine: opened, workers: false });
    const { id } = await kiln.submit();
    expect(await loseNextItem(opened)).toContain(id);
    expect((await kiln.read(id)).status).toBe('queued');

    await kiln.startWorkers();
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
    expect(await callsOf(kiln, id)).toHaveLength(1);
  });

  test('a stored answer is used without a call, at its estimated cost', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit({ n: 2 });
    await dieInFlight(kiln, id);
    await storeAnswer(kiln, id, 2);
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture), sha256(picture)]);
    expect(job.cost).toMatchObject({ actual: job.cost.estimated, at_risk: 0 });
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
  });

  test('a stored answer with fewer images than asked for is used without a call', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit({ n: 3 });
    await dieInFlight(kiln, id);
    await storeAnswer(kiln, id, 2);
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture), sha256(picture)]);
    expect(await callAttemptsOf(kiln, id)).toMatchObject([{ status: 'succeeded' }]);
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
  });

  test('an answer that was stored in part is not used: a second call is made', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit({ n: 2 });
    await dieInFlight(kiln, id);
    const [, second] = await storeAnswer(kiln, id, 2);
    await kiln.deps.store.delete(second!.object_key);
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    const [call, ...more] = await callsOf(kiln, id);
    expect(more).toEqual([]);
    await expectKept(kiln, job, call!.image_sha256);
    expect(await callAttemptsOf(kiln, id)).toMatchObject([
      { status: 'unknown', error: { code: 'worker_lost' } },
      { status: 'succeeded', error: null },
    ]);
    expect(job.cost.at_risk).toBe(job.cost.estimated);
  });

  test('while the object store is unavailable an answer waits in the spool', async () => {
    const kiln = await startKiln({ engine, env: { KILN_LEASE_MS: '2000' } });
    const objects = join(kiln.dataDir, 'objects');
    await rename(objects, `${objects}.away`);
    await writeFile(objects, 'a file, where a folder was');
    const { id } = await kiln.submit();
    await waitFor(async () => (await spooled(kiln)).length === 1, {
      what: 'the answer to be in the spool',
    });
    // The job is neither failed nor returned: on another machine the answer would be unknown.
    const waiting = await kiln.ended(id, ['in_progress']);
    expect(waiting).toMatchObject({ attempts: { made: 0 }, images: [], error: null });
    expect(await callAttemptsOf(kiln, id)).toMatchObject([{ status: 'in_flight' }]);

    // Both steps between two tries of the worker, which would create the folder.
    rmSync(objects);
    renameSync(`${objects}.away`, objects);
    const job = await kiln.ended(id);
    const [call, ...more] = await callsOf(kiln, id);
    expect(more).toEqual([]);
    await expectKept(kiln, job, call!.image_sha256);
    expect(await callAttemptsOf(kiln, id)).toMatchObject([
      { status: 'succeeded', provider_request_id: call!.request_id },
    ]);
    await spoolEmptied(kiln);
  });

  test('a late answer of a worker that lost its claim prevents a second call', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit();
    await dieInFlight(kiln, id);
    // The worker was only frozen: it stores and records its answer, although it lost the job.
    await storeAnswer(kiln, id, 1);
    await kiln.deps.records.pool.query(
      `update kiln.attempts set status = 'succeeded', cost_micros = 4200, http_status = 200,
         finished_at = now() where job_id = $1`,
      [id],
    );
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture)]);
    expect(job.cost).toMatchObject({ actual: 0.0042, at_risk: 0 });
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
  });
});

describe('answers that come too late for their job', () => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({ engine: engines[0]!, workers: false });
  });
  const sweep = async () => {
    const { records, store, log: kilnLog } = kiln.deps;
    const spool = await openSpool(join(kiln.dataDir, 'spool'), log);
    const waiting = await sweepSpool({ db: records.db, spool, store, log: kilnLog });
    return { waiting, left: (await spool.list()).map(({ jobId }) => jobId) };
  };
  const keepInSpool = async (id: string) => {
    const spool = await openSpool(join(kiln.dataDir, 'spool'), log);
    await spool.keep({ jobId: id, no: 1 }, { facts, images: [hashed(picture)] });
  };
  /** Submits a job and ends it after one call with an unknown outcome. */
  const endUnknown = async (status: string) => {
    const { id } = await kiln.submit();
    await dieInFlight(kiln, id);
    await kiln.deps.records.pool.query(
      `with attempt as (
         update kiln.attempts set status = 'unknown', at_risk_micros = 5900 where job_id = $1)
       update kiln.jobs set status = $2, finished_at = now(), cost_at_risk_micros = 5900,
         lease_owner = null where id = $1`,
      [id, status],
    );
    return id;
  };

  test('at boot, settled answers leave the spool and expected ones stay', async () => {
    const [settled, waiting] = [await kiln.submit(), await kiln.submit()];
    for (const { id } of [settled, waiting]) {
      await dieInFlight(kiln, id);
      await keepInSpool(id);
    }
    const { pool } = kiln.deps.records;
    await pool.query("update kiln.attempts set status = 'succeeded' where job_id = $1", [
      settled.id,
    ]);
    expect(await sweep()).toEqual({ waiting: 1, left: [waiting.id] });
    await rm(join(kiln.dataDir, 'spool'), { recursive: true });
  });

  test.each(['failed', 'cancelled', 'expired', 'succeeded'])(
    'an answer in the spool at boot of a job that is %s: its cost is recorded',
    async (status) => {
      const id = await endUnknown(status);
      await keepInSpool(id);
      expect(await sweep()).toEqual({ waiting: 0, left: [] });
      expect(await callAttemptsOf(kiln, id)).toMatchObject([
        { status: 'succeeded', provider_request_id: 'req_before', error: null },
      ]);
      expect(await kiln.read(id)).toMatchObject({
        status,
        cost: { actual: 0.0042, at_risk: 0 },
        images: [],
      });
      // If the job may be retried, its picture is stored.
      const stored = await kiln.deps.store.list(`images/${id.slice(-2)}/${id}/`, { limit: 10 });
      expect(stored).toHaveLength(['failed', 'cancelled', 'expired'].includes(status) ? 1 : 0);
    },
  );

  test('a damaged answer or picture does not prevent the start', async () => {
    const [torn, unusable] = [await endUnknown('failed'), await endUnknown('failed')];
    await keepInSpool(torn);
    await truncate(join(kiln.dataDir, 'spool', `${torn}-1.answer`), 40);
    const spool = await openSpool(join(kiln.dataDir, 'spool'), log);
    await spool.keep(
      { jobId: unusable, no: 1 },
      { facts, images: [hashed(Buffer.from('no picture'))] },
    );
    expect(await sweep()).toEqual({ waiting: 1, left: [unusable] });
    expect(await kiln.read(torn)).toMatchObject({ cost: { at_risk: 0.0059 } });
    await rm(join(kiln.dataDir, 'spool'), { recursive: true });
  });

  test('the answer of a worker that lost the job is recorded, and used by a retry', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const workers = await kiln.startWorkers();
    const { id } = await kiln.submit();
    expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
    const { db, pool } = kiln.deps.records;
    // A busy machine may have missed a start: the call is then not that of the first attempt.
    const { rows } = await pool.query<{ dispatch_no: number; no: number }>(
      `update kiln.jobs set lease_owner = 'wrk_other' where id = $1 returning dispatch_no,
        (select no from kiln.attempts where job_id = $1 and status = 'in_flight')`,
      [id],
    );
    const { dispatch_no: dispatchNo, no } = rows[0]!;
    const other = { jobId: id, worker: 'wrk_other', dispatchNo };
    await settleFault(db, other, no, buildFault({ atRiskMicros: 5_900, jobStatus: 'failed' }));
    expect(await kiln.read(id)).toMatchObject({
      status: 'failed',
      cost: { actual: null, at_risk: 0.0059 },
    });

    await kiln.control('PATCH', 'settings', { gate: false });
    await waitFor(async () => (await kiln.read(id)).cost.at_risk === 0, {
      what: 'the answer to be counted',
    });
    const [call] = await callsOf(kiln, id);
    const failed = await kiln.read(id);
    expect(failed).toMatchObject({ status: 'failed', images: [] });
    expect(failed.cost.actual).toBeGreaterThan(0);
    expect(await callAttemptsOf(kiln, id)).toMatchObject([
      { status: 'succeeded', provider_request_id: call!.request_id },
    ]);

    expect((await kiln.request(`/v1/jobs/${id}/retry`, { method: 'POST' })).ok).toBe(true);
    const job = await kiln.ended(id);
    await expectKept(kiln, job, call!.image_sha256);
    expect(job.cost).toEqual(failed.cost);
    expect(await callsOf(kiln, id)).toHaveLength(1);
    await workers.close();
  });
});
