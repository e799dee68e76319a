/**
 * Records without their objects: each is logged as an error with its ids, and nothing is changed.
 */
import { rm, truncate } from 'node:fs/promises';
import { imagesOf } from '@kiln/shared/records/jobs/jobs';
import { checkIntegrity } from '@kiln/shared/services/maintenance/check-integrity';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { expect, test } from 'vitest';
import { openMaintenance } from './support.ts';

test('a missing object and one of another size are logged as errors', async () => {
  const { records, deps, addResult, pathOf, errors, allKeys } = await openMaintenance();
  const [whole, lost, cut] = [await addResult(2), await addResult(2), await addResult(1)];
  await rm(pathOf(lost.keys[1]!));
  await truncate(pathOf(cut.keys[0]!), 3);
  const left = await allKeys();

  expect(await checkIntegrity(deps)).toEqual({ checked: 5, missing: 1, changed: 1 });
  expect(errors()).toHaveLength(2);
  expect(errors()).toEqual(
    expect.arrayContaining([
      [
        { jobId: lost.jobId, index: 1, objectKey: lost.keys[1] },
        'an image is recorded, but its object is missing',
      ],
      [
        expect.objectContaining({
          jobId: cut.jobId,
          index: 0,
          objectKey: cut.keys[0],
          foundBytes: 3,
        }),
        'an image is recorded, but its object has another size',
      ],
    ]),
  );
  expect(await allKeys()).toEqual(left);
  expect(await imagesOf(records.db, [whole.jobId, lost.jobId, cut.jobId])).toHaveLength(5);

  // It is logged on every run until the cause is fixed.
  await runMaintenance(deps, 'check_integrity');
  expect(errors()).toHaveLength(4);
});

test('a run checks whole jobs up to a limit, and the next run continues', async () => {
  const { deps, addResult } = await openMaintenance();
  for (const images of [3, 1, 1, 3, 1]) await addResult(images);
  const small = { pages: 1, pageSize: 2 };
  const checked: number[] = [];
  for (let run = 0; run < 5; run += 1) checked.push((await checkIntegrity(deps, small)).checked);
  expect(checked).toEqual([3, 2, 3, 1, 3]);
});

test('results that expire within the hour are not checked', async () => {
  const { deps, addResult, ageJob } = await openMaintenance({ keepResultsDays: 10 });
  const [leaving, staying] = [await addResult(), await addResult()];
  await ageJob(leaving.jobId, 10 - 0.5 / 24);
  await ageJob(staying.jobId, 10 - 2 / 24);
  await deps.store.delete(leaving.keys[0]!);
  expect(await checkIntegrity(deps)).toEqual({ checked: 1, missing: 0, changed: 0 });
});

test('when the store is down the run fails and repeats the same page', async () => {
  const { deps, addResult, errors } = await openMaintenance();
  await addResult();
  const away = { ...deps.store, head: () => Promise.reject(new Error('away')) };
  await expect(checkIntegrity({ ...deps, store: away })).rejects.toThrow('away');
  expect(errors()).toEqual([]);
  expect(await checkIntegrity(deps)).toMatchObject({ checked: 1, missing: 0 });
});
