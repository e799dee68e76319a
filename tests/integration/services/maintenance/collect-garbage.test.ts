/**
 * Garbage collection: images without a record and previews of ended jobs are deleted, and nothing
 * else.
 */
import { attemptStatuses } from '@kiln/shared/domain/attempt-state';
import { isFinal, isTerminal, jobStatuses } from '@kiln/shared/domain/job-state';
import { buildId } from '@kiln/shared/ids';
import { collectGarbage } from '@kiln/shared/services/maintenance/collect-garbage';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { expect, test } from 'vitest';
import { addInFlight, addJob, buildFault, readRow } from '../../records/support.ts';
import { openMaintenance } from './support.ts';
import { settleFault } from '../../../support/ledger.ts';

test('recorded, young and foreign objects stay; the rest is deleted', async () => {
  const { deps, addResult, putImage, ageObjects, allKeys } = await openMaintenance();
  const { jobId, keys } = await addResult(2);
  const late = await putImage(jobId, 2); // an answer that arrived too late for its job
  const orphan = await putImage(buildId('job'), 1);
  const young = await putImage(buildId('job'), 1);
  const foreign = ['images/logo.png', 'images/2026/summer/1-0.png', 'files/ab/1-0.png'];
  for (const key of foreign)
    await deps.store.put(key, Buffer.from('x'), { contentType: 'image/png' });
  await ageObjects([...keys, late, orphan, ...foreign], 25);
  await ageObjects([young], 23);

  await runMaintenance(deps, 'collect_garbage');
  expect(await allKeys()).toEqual([...keys, young, ...foreign].toSorted());
});

test('a thumbnail is deleted once no record names its image', async () => {
  const { deps, addResult, putThumbnail, ageObjects, allKeys } = await openMaintenance();
  const { jobId, keys } = await addResult(2);
  const kept = [await putThumbnail(jobId, 1, 0), await putThumbnail(jobId, 1, 1)];
  const stray = [
    await putThumbnail(jobId, 1, 2),
    await putThumbnail(jobId, 2),
    await putThumbnail(buildId('job')),
  ];
  const young = await putThumbnail(buildId('job'));
  const foreign = ['thumbnails/logo.webp', 'thumbnails/ab/1-0.webp'];
  for (const key of foreign)
    await deps.store.put(key, Buffer.from('x'), { contentType: 'image/webp' });
  await ageObjects([...kept, ...stray, ...foreign], 25);
  await ageObjects([young], 23);

  expect(await collectGarbage(deps)).toBe(stray.length);
  expect(await allKeys()).toEqual([...keys, ...kept, young, ...foreign].toSorted());
});

test('an answer that its job may still use is never garbage', async () => {
  const { records, deps, putImage, ageObjects, allKeys } = await openMaintenance();
  const kept: string[] = [];
  for (const job of jobStatuses) {
    for (const attempt of attemptStatuses) {
      const { jobId } = await addInFlight(records);
      await records.pool.query(
        `with attempt as (update kiln.attempts set status = $2 where job_id = $1)
         update kiln.jobs set status = $3 where id = $1`,
        [jobId, attempt, job],
      );
      const key = await putImage(jobId, 1);
      if (!isFinal(job) && ['in_flight', 'unknown', 'succeeded'].includes(attempt)) kept.push(key);
    }
  }
  // An image of an attempt that the ledger lacks, although it has the job.
  await putImage(await addJob(records), 7);
  await ageObjects(await allKeys(), 1_000);

  await collectGarbage(deps);
  expect(await allKeys()).toEqual(kept.toSorted());
});

test('an answer found after its job has ended is added to the costs', async () => {
  const { records, deps, putImage, ageObjects, allKeys } = await openMaintenance();
  const unknown = async (status: string, estimatedMicros: number | null = 1_000) => {
    const claim = await addInFlight(records, { cost_estimated_micros: estimatedMicros });
    const atRiskMicros = estimatedMicros ?? 0;
    await settleFault(records.db, claim, 1, buildFault({ atRiskMicros, jobStatus: 'held' }));
    await records.pool.query(
      'update kiln.jobs set status = $2, finished_at = now() where id = $1',
      [claim.jobId, status],
    );
    return { jobId: claim.jobId, key: await putImage(claim.jobId, 1) };
  };
  const held = await unknown('held');
  const failed = await unknown('failed');
  const expired = await unknown('expired');
  const unpriced = await unknown('cancelled', null);
  const noAnswer = await addInFlight(records);
  await settleFault(
    records.db,
    noAnswer,
    1,
    buildFault({ atRiskMicros: 1_000, jobStatus: 'failed' }),
  );
  await ageObjects(await allKeys(), 25);

  // A retry may queue each of them again, the expired job together with its batch.
  expect(await collectGarbage(deps)).toBe(0);
  expect(await allKeys()).toEqual([held.key, failed.key, expired.key, unpriced.key].toSorted());
  const moneyOf = async (jobId: string) => {
    const { cost_actual_micros: actual, cost_at_risk_micros: atRisk } = await readRow(
      records,
      jobId,
    );
    return { actual, atRisk };
  };
  expect(await moneyOf(failed.jobId)).toEqual({ actual: 1_000, atRisk: 0 });
  expect(await moneyOf(expired.jobId)).toEqual({ actual: 1_000, atRisk: 0 });
  expect(await moneyOf(unpriced.jobId)).toEqual({ actual: null, atRisk: 0 });
  expect(await moneyOf(held.jobId)).toEqual({ actual: null, atRisk: 1_000 });
  expect(await moneyOf(noAnswer.jobId)).toEqual({ actual: null, atRisk: 1_000 });
});

test('late images of a job that may be retried expire like results', async () => {
  const { records, deps, putImage, ageJob, ageObjects, allKeys } = await openMaintenance({
    keepResultsDays: 30,
  });
  const late = async (days: number) => {
    const claim = await addInFlight(records);
    await settleFault(records.db, claim, 1, buildFault({ jobStatus: 'failed' }));
    await ageJob(claim.jobId, days);
    return putImage(claim.jobId, 1);
  };
  const [young] = [await late(29.9), await late(30.1)];
  await ageObjects(await allKeys(), 31 * 24);
  expect(await collectGarbage(deps)).toBe(1);
  expect(await allKeys()).toEqual([young]);
  expect(await collectGarbage({ ...deps, config: { ...deps.config, keepResultsDays: null } })).toBe(
    0,
  );
});

test('previews are deleted a day later, once their job has ended or is missing', async () => {
  const { records, deps, putPreview, ageObjects, allKeys } = await openMaintenance();
  const kept: string[] = [];
  for (const status of jobStatuses) {
    const jobId = await addJob(records);
    await records.pool.query('update kiln.jobs set status = $2 where id = $1', [jobId, status]);
    const keys = [await putPreview(jobId, 1), await putPreview(jobId, 2)];
    if (!isTerminal(status)) kept.push(...keys);
  }
  await putPreview(buildId('job'));
  const foreign = ['previews/logo.png', 'previews/2026/summer/1-0.png'];
  for (const key of foreign)
    await deps.store.put(key, Buffer.from('x'), { contentType: 'image/png' });
  await ageObjects(await allKeys(), 25);
  const young = await putPreview(buildId('job'));
  await ageObjects([young], 23);

  await runMaintenance(deps, 'collect_garbage');
  expect(await allKeys()).toEqual([...kept, ...foreign, young].toSorted());
});

test('images and previews have separate cursors', async () => {
  const { deps, putImage, putPreview, ageObjects, allKeys } = await openMaintenance();
  for (let count = 0; count < 3; count += 1) {
    await putImage(buildId('job'), 1);
    await putPreview(buildId('job'));
  }
  await ageObjects(await allKeys(), 48);
  const small = { pages: 1, pageSize: 2 };
  expect(await collectGarbage(deps, small)).toBe(4);
  expect(await collectGarbage(deps, small)).toBe(2);
  expect(await allKeys()).toEqual([]);
});

test('a run is bounded, the next one continues, and the last one starts over', async () => {
  const { records, deps, putImage, ageObjects, allKeys } = await openMaintenance();
  for (let count = 0; count < 10; count += 1) await putImage(buildId('job'), 1);
  const keys = await allKeys();
  await ageObjects(keys, 48);
  const small = { pages: 2, pageSize: 2 };
  const cursor = async () =>
    (
      await records.pool.query<{ position: string }>(
        "select position from kiln.maintenance_cursors where task = 'collect_garbage'",
      )
    ).rows;

  expect(await collectGarbage(deps, small)).toBe(4);
  expect(await allKeys()).toEqual(keys.slice(4));
  expect(await cursor()).toEqual([{ position: keys[3] }]);
  // Garbage that appears before the cursor waits for the next round.
  await deps.store.put(keys[0]!, Buffer.from('again'), { contentType: 'image/png' });
  await ageObjects([keys[0]!], 48);
  expect(await collectGarbage(deps, small)).toBe(4);
  expect(await collectGarbage(deps, small)).toBe(2);
  expect(await cursor()).toEqual([{ position: '' }]);
  expect(await allKeys()).toEqual([keys[0]]);
  expect(await collectGarbage(deps, small)).toBe(1);
});

test('a worker that is asked to stop stops before the next listing', async () => {
  const stopping = new AbortController();
  const { deps, putImage, ageObjects, allKeys } = await openMaintenance({}, stopping.signal);
  const key = await putImage(buildId('job'), 1);
  await ageObjects([key], 48);
  stopping.abort();
  expect(await collectGarbage(deps)).toBe(0);
  expect(await allKeys()).toEqual([key]);
});

test('three concurrent workers delete what one would have deleted', async () => {
  const { deps, addResult, putImage, ageObjects, allKeys, errors } = await openMaintenance();
  const results: string[] = [];
  for (let count = 0; count < 20; count += 1) results.push(...(await addResult()).keys);
  for (let count = 0; count < 40; count += 1) await putImage(buildId('job'), 1);
  await ageObjects(await allKeys(), 48);
  await Promise.all([1, 2, 3].map(() => collectGarbage(deps, { pages: 100, pageSize: 7 })));
  expect(await allKeys()).toEqual(results.toSorted());
  expect(errors()).toEqual([]);
});
