/** Expiry of results: objects are deleted before records; the job stays and shows when. */
import { rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { imagesOf } from '@kiln/shared/records/jobs/jobs';
import { checkIntegrity } from '@kiln/shared/services/maintenance/check-integrity';
import { deleteResults } from '@kiln/shared/services/maintenance/delete-results';
import { createCompositor } from '@kiln/shared/services/derivatives/compositor';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { expect, test } from 'vitest';
import { engines } from '../../../support/engines/engines.ts';
import { startKiln } from '../../../support/kiln.ts';
import { readRow } from '../../records/support.ts';
import { openMaintenance } from './support.ts';

test('only images of jobs that ended too long ago are deleted', async () => {
  const { records, deps, addResult, ageJob, allKeys } = await openMaintenance({
    keepResultsDays: 30,
  });
  const [old, young] = [await addResult(3), await addResult(2)];
  await ageJob(old.jobId, 30.01);
  await ageJob(young.jobId, 29.9);

  await runMaintenance(deps, 'delete_results');
  expect(await allKeys()).toEqual(young.keys);
  expect(await imagesOf(records.db, [old.jobId, young.jobId])).toHaveLength(2);
  const row = await readRow(records, old.jobId);
  expect(row).toMatchObject({ status: 'succeeded', cost_actual_micros: 900 });
  expect(row.results_deleted_at).not.toBeNull();
  expect(await readRow(records, young.jobId)).toMatchObject({ results_deleted_at: null });

  await runMaintenance(deps, 'delete_results');
  expect(await readRow(records, old.jobId)).toEqual(row);
});

test('previews and thumbnails of all attempts are deleted with the images', async () => {
  const { records, deps, addResult, putPreview, putThumbnail, ageJob, allKeys } =
    await openMaintenance({
      keepResultsDays: 30,
    });
  const [old, young] = [await addResult(), await addResult()];
  for (const no of [1, 2]) await putPreview(old.jobId, no);
  for (const no of [1, 2]) await putThumbnail(old.jobId, no);
  const kept = [await putPreview(young.jobId), await putThumbnail(young.jobId)];
  await ageJob(old.jobId, 31);

  expect(await deleteResults(deps, 30)).toBe(1);
  expect(await allKeys()).toEqual([...young.keys, ...kept].toSorted());
  expect((await readRow(records, old.jobId)).results_deleted_at).not.toBeNull();
});

test('without the setting results are kept for ever', async () => {
  const { deps, addResult, ageJob, allKeys } = await openMaintenance();
  const { jobId, keys } = await addResult();
  await ageJob(jobId, 10_000);
  await runMaintenance(deps, 'delete_results');
  expect(await allKeys()).toEqual(keys);
});

test('after a crash between objects and records the next run completes the deletion', async () => {
  const { records, deps, addResult, ageJob, errors } = await openMaintenance({
    keepResultsDays: 30,
  });
  const { jobId, keys } = await addResult(2);
  await ageJob(jobId, 31);
  for (const key of keys) await deps.store.delete(key);

  expect(await checkIntegrity(deps)).toEqual({ checked: 0, missing: 0, changed: 0 });
  expect(await deleteResults(deps, 30)).toBe(1);
  expect(await imagesOf(records.db, [jobId])).toEqual([]);
  expect(errors()).toEqual([]);
});

test('an object that cannot be deleted keeps its records and is logged', async () => {
  const { records, deps, addResult, ageJob, pathOf, errors, allKeys } = await openMaintenance({
    keepResultsDays: 30,
  });
  const [stuck, other] = [await addResult(2), await addResult(1)];
  for (const { jobId } of [stuck, other]) await ageJob(jobId, 31);
  // A symbolic link out of the store replaces the folder of the job; the store refuses such a key.
  const folder = pathOf(stuck.keys[0]!).replace(/\/[^/]+$/, '');
  await rm(folder, { recursive: true });
  await symlink(tmpdir(), folder);

  expect(await deleteResults(deps, 30)).toBe(1);
  expect(await imagesOf(records.db, [stuck.jobId, other.jobId])).toHaveLength(2);
  expect(errors()).toMatchObject([
    [{ objects: 2 }, 'expired results could not be deleted; the next run tries again'],
  ]);

  await rm(folder);
  expect(await deleteResults(deps, 30)).toBe(1);
  expect(await allKeys()).toEqual([]);
});

test('a record that cannot be deleted does not hold up the others', async () => {
  const { records, deps, addResult, ageJob, errors } = await openMaintenance({
    keepResultsDays: 30,
  });
  const results = [await addResult(1), await addResult(1), await addResult(1)];
  for (const [index, { jobId }] of results.entries()) await ageJob(jobId, 40 - index);
  const [refused] = results;
  await records.pool.query(`
    create function kiln.refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$;
    create trigger refuse before update on kiln.jobs for each row
      when (new.id = '${refused!.jobId}') execute function kiln.refuse()`);
  expect(await deleteResults(deps, 30)).toBe(2);
  expect(errors()).toMatchObject([
    [{ jobId: refused!.jobId }, 'the record of expired results could not be deleted'],
  ]);
  await records.pool.query('drop trigger refuse on kiln.jobs');
  expect(await deleteResults(deps, 30)).toBe(1);
});

test('objects that cannot be deleted do not hold up the results behind them', async () => {
  const { deps, addResult, ageJob, errors } = await openMaintenance({ keepResultsDays: 30 });
  const stuck = await addResult(1);
  await ageJob(stuck.jobId, 40);
  // More than one statement lists, all of them behind the one that stays.
  for (let count = 0; count < 250; count += 1) await ageJob((await addResult(1)).jobId, 31);
  const store = {
    ...deps.store,
    delete: async (key: string) => {
      if (stuck.keys.includes(key)) throw new Error('refused by the test');
      await deps.store.delete(key);
    },
  };
  expect(await deleteResults({ ...deps, store }, 30)).toBe(250);
  expect(errors()).toHaveLength(1);
});

test('three concurrent workers delete more than one statement takes, each once', async () => {
  const { records, deps, addResult, allKeys } = await openMaintenance({ keepResultsDays: 1 });
  for (let count = 0; count < 450; count += 1) await addResult();
  await records.pool.query("update kiln.jobs set finished_at = now() - interval '2 days'");
  const counts = await Promise.all([1, 2, 3].map(() => deleteResults(deps, 1)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(450);
  expect(await allKeys()).toEqual([]);
  const { rows } = await records.pool.query('select 1 from kiln.images');
  expect(rows).toEqual([]);
});

test('the API shows such a job without images and since when', async () => {
  const kiln = await startKiln({ engine: engines[0]!, env: { KILN_KEEP_RESULTS_DAYS: '1' } });
  const job = await kiln.ended((await kiln.submit()).id);
  expect(job.results_deleted_at).toBeNull();
  const { db, pool } = kiln.deps.records;
  await pool.query("update kiln.jobs set finished_at = now() - interval '2 days' where id = $1", [
    job.id,
  ]);
  const { config, log, store } = kiln.deps;
  const compositor = createCompositor({ ...kiln.deps, db });
  await runMaintenance(
    { config, db, log, store, compositor, stopping: new AbortController().signal },
    'delete_results',
  );

  const after = await kiln.read(job.id);
  expect(after).toMatchObject({
    status: 'succeeded',
    images: [],
    cost: job.cost,
    usage: job.usage,
  });
  expect(after.results_deleted_at).toBeGreaterThanOrEqual(job.finished_at!);
  const picture = await kiln.request(`/v1/jobs/${job.id}/images/0`);
  expect(picture.status).toBe(404);
  // A browser that would be redirected to the first image sees the job instead.
  const shown = await kiln.request(`/v1/jobs/${job.id}`, { headers: { accept: 'image/*' } });
  expect(shown.status).toBe(200);
});
