/** Answers that were paid for and not yet recorded: whatever was away or died meanwhile, they are used and not called for again. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildId } from '@kiln/shared/ids';
import { claimJob, type Claim } from '@kiln/shared/records/claims';
import { takeWindow } from '@kiln/shared/records/dispatches';
import { openAttempt } from '@kiln/shared/records/settlements';
import { sweepSpool } from '@kiln/shared/services/spool-upkeep';
import { openSpool } from '@kiln/shared/storage/spool';
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import { loseNextItem } from '../queue/support.ts';
import { log } from '../records/support.ts';
import { attemptsOf, callsOf, expectKept, ledgerOf, sha256, spooled } from './support.ts';

/** The smallest picture there is. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const facts = { httpStatus: 200, providerRequestId: 'req_before', usage: null, costMicros: 4_200 };
const lapsed = { KILN_LEASE_MS: '1000' };

/** A worker that died in the middle of a call: its claim lapses at once, its attempt is in flight for ever. */
async function dieInFlight(kiln: TestKiln, id: string): Promise<void> {
  const { db, pool } = kiln.deps.records;
  const dispatches = await takeWindow(db, kiln.deps.pools[0]!, 1_000);
  const dispatchNo = dispatches.find((dispatch) => dispatch.id === id)?.dispatchNo ?? 1;
  const claim: Claim = { jobId: id, worker: buildId('wrk'), dispatchNo };
  expect(await claimJob(db, claim, 60_000)).toMatchObject({ status: 'claimed' });
  expect(await openAttempt(db, claim, 1, ['simulator'])).toMatchObject({ deployment: 'simulator' });
  await pool.query("update kiln.jobs set lease_expires_at = now() - interval '1 second' where id = $1", [id]);
}

describe.each(engines)('on $name', (engine) => {
  test('an answer in the spool is used: no call', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit();
    await dieInFlight(kiln, id);
    const spool = await openSpool(join(kiln.dataDir, 'spool'), log);
    await spool.keep({ jobId: id, no: 1 }, { facts, images: [picture] });

    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture)]);
    expect(job).toMatchObject({ cost: { actual: 0.0042, at_risk: 0 }, attempts: { made: 1 } });
    expect(await attemptsOf(kiln, id)).toMatchObject([
      { status: 'succeeded', provider_request_id: 'req_before' },
    ]);
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
    expect(await spooled(kiln)).toEqual([]);
  });

  test('a work item that the engine handed out and nobody received is handed over again, within seconds', async () => {
    const opened = await engine.open();
    const kiln = await startKiln({ engine: opened, workers: false });
    const { id } = await kiln.submit();
    expect(await loseNextItem(opened)).toContain(id);
    expect((await kiln.read(id)).status).toBe('queued');

    await kiln.startWorkers();
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
    expect(await callsOf(kiln, id)).toHaveLength(1);
  });

  test('images in the object store are used: no call, and the estimate stands for the cost', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit({ n: 2 });
    await dieInFlight(kiln, id);
    for (const index of [0, 1]) {
      await kiln.deps.store.put(`images/${id.slice(-2)}/${id}/1-${index}.png`, picture, {
        contentType: 'image/png',
      });
    }
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture), sha256(picture)]);
    expect(job.cost).toMatchObject({ actual: job.cost.estimated, at_risk: 0 });
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
  });

  test('half of the images in the object store are not enough: the attempt is unknown, a second one is made', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit({ n: 2 });
    await dieInFlight(kiln, id);
    await kiln.deps.store.put(`images/${id.slice(-2)}/${id}/1-0.png`, picture, { contentType: 'image/png' });
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    const [call, ...more] = await callsOf(kiln, id);
    expect(more).toEqual([]);
    await expectKept(kiln, job, call!.image_sha256);
    expect(await attemptsOf(kiln, id)).toMatchObject([
      { status: 'unknown', error: { code: 'worker_lost' } },
      { status: 'succeeded', error: null },
    ]);
    expect(job.cost.at_risk).toBe(job.cost.estimated);
  });

  test('an object store that is away: the bytes wait in the spool, and no second call is made', async () => {
    const kiln = await startKiln({ engine, env: { KILN_LEASE_MS: '2000' } });
    const objects = join(kiln.dataDir, 'objects');
    await rename(objects, `${objects}.away`);
    await writeFile(objects, 'a file, where a folder was');
    const { id } = await kiln.submit();
    await waitFor(async () => (await spooled(kiln)).length === 1, { what: 'the answer to be in the spool' });
    // Neither given up nor given away: on another machine nobody would know of the answer.
    const waiting = await kiln.ended(id, ['in_progress']);
    expect(waiting).toMatchObject({ attempts: { made: 0 }, images: [], error: null });
    expect(await attemptsOf(kiln, id)).toMatchObject([{ status: 'in_flight' }]);

    await rm(objects);
    await rename(`${objects}.away`, objects);
    const job = await kiln.ended(id);
    const [call, ...more] = await callsOf(kiln, id);
    expect(more).toEqual([]);
    await expectKept(kiln, job, call!.image_sha256);
    expect(await attemptsOf(kiln, id)).toMatchObject([
      { status: 'succeeded', provider_request_id: call!.request_id },
    ]);
    await waitFor(async () => (await spooled(kiln)).length === 0, { what: 'the spool to be emptied' });
  });

  test('a late answer of a worker that lost its claim spares the second call', async () => {
    const kiln = await startKiln({ engine, workers: false, env: lapsed });
    const { id } = await kiln.submit();
    await dieInFlight(kiln, id);
    // The worker was only frozen: its answer is stored and recorded, though the job is no longer its own.
    await kiln.deps.store.put(`images/${id.slice(-2)}/${id}/1-0.png`, picture, { contentType: 'image/png' });
    await kiln.deps.records.pool.query(
      "update kiln.attempts set status = 'succeeded', cost_micros = 4200, http_status = 200, finished_at = now() where job_id = $1",
      [id],
    );
    await kiln.startWorkers();
    const job = await kiln.ended(id);
    await expectKept(kiln, job, [sha256(picture)]);
    expect(job.cost).toMatchObject({ actual: 0.0042, at_risk: 0 });
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
  });
});

test('what was settled before a crash is swept from the spool at boot, and all else stays', async () => {
  const kiln = await startKiln({ engine: engines[0]!, workers: false });
  const [settled, overtaken, waiting] = [await kiln.submit(), await kiln.submit(), await kiln.submit()];
  for (const { id } of [settled, overtaken, waiting]) await dieInFlight(kiln, id);
  const { pool, db } = kiln.deps.records;
  await pool.query("update kiln.attempts set status = 'succeeded' where job_id = $1", [settled.id]);
  await pool.query("update kiln.attempts set status = 'unknown' where job_id = $1", [overtaken.id]);
  await pool.query("update kiln.jobs set status = 'succeeded' where id = $1", [overtaken.id]);
  const spool = await openSpool(join(kiln.dataDir, 'spool'), log);
  for (const { id } of [settled, overtaken, waiting]) {
    await spool.keep({ jobId: id, no: 1 }, { facts, images: [picture] });
  }

  expect(await sweepSpool({ db, spool, log: kiln.deps.log })).toBe(1);
  expect(await spool.list()).toEqual([{ jobId: waiting.id, no: 1 }]);
});
