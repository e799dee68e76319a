/** Composites in maintenance: stray ones are deleted, missing ones reported, old ones deleted. */
import { buildId } from '@kiln/shared/ids';
import { checkIntegrity } from '@kiln/shared/services/maintenance/check-integrity';
import { collectGarbage } from '@kiln/shared/services/maintenance/collect-garbage';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { keyOfComposite } from '@kiln/shared/services/files/object-keys';
import { expect, test } from 'vitest';
import { openMaintenance, type TestMaintenance } from './support.ts';

const picture = Buffer.from('a composite');

async function put({ deps }: TestMaintenance, jobId: string, index = 0, sha256 = 'a'.repeat(64)) {
  const key = keyOfComposite({ jobId, no: 1 }, { index, sha256 });
  await deps.store.put(key, picture, { contentType: 'image/png' });
  return key;
}

/** A composite in the records and in the store. */
async function add(maintenance: TestMaintenance, jobId: string, index = 0): Promise<string> {
  const key = await put(maintenance, jobId, index);
  await maintenance.records.pool.query(
    `insert into kiln.composites (job_id, index, attempt_no, status, object_key, width, height,
       bytes, sha256, crc32) values ($1, $2, 1, 'made', $3, 1, 1, $4, '', 0)`,
    [jobId, index, key, picture.length],
  );
  return key;
}

test('a composite that no record names is deleted, and no other', async () => {
  const maintenance = await openMaintenance();
  const { deps, addResult, ageObjects, allKeys } = maintenance;
  const { jobId, keys } = await addResult(2);
  const kept = await add(maintenance, jobId);
  const stray = [
    await put(maintenance, jobId, 0, 'b'.repeat(64)), // of a worker that was slower
    await put(maintenance, jobId, 1),
    await put(maintenance, buildId('job')),
  ];
  const young = await put(maintenance, buildId('job'));
  await deps.store.put('composites/logo.png', picture, { contentType: 'image/png' });
  await ageObjects([kept, ...stray, 'composites/logo.png'], 25);
  expect(await collectGarbage(deps)).toBe(stray.length);
  expect(await allKeys()).toEqual([...keys, kept, young, 'composites/logo.png'].toSorted());
});

test('a missing composite is logged as an error', async () => {
  const maintenance = await openMaintenance();
  const { deps, addResult, errors } = maintenance;
  const { jobId } = await addResult(2);
  await add(maintenance, jobId, 0);
  const lost = await add(maintenance, jobId, 1);
  await deps.store.delete(lost);
  expect(await checkIntegrity(deps)).toEqual({ checked: 4, missing: 1, changed: 0 });
  expect(errors()).toEqual([
    [{ jobId, index: 1, objectKey: lost }, 'a composite is recorded, but its object is missing'],
  ]);
});

test('composites are deleted with old results', async () => {
  const maintenance = await openMaintenance({ keepResultsDays: 10 });
  const { deps, records, addResult, ageJob, allKeys } = maintenance;
  const { jobId } = await addResult(2);
  await add(maintenance, jobId);
  await ageJob(jobId, 11);
  await runMaintenance(deps, 'delete_results');
  expect(await allKeys()).toEqual([]);
  expect((await records.pool.query('select from kiln.composites')).rows).toEqual([]);
});
