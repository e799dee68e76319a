/**
 * Garbage collection and the integrity check on network stores: page by page, each run continuing
 * after the previous one.
 */
import { checkIntegrity } from '@kiln/shared/services/maintenance/check-integrity';
import { collectGarbage } from '@kiln/shared/services/maintenance/collect-garbage';
import { describe, expect, test } from 'vitest';
import { remoteStores } from '../../../support/stores/object-stores.ts';
import { openMaintenance } from './support.ts';

const pageSize = 3;
const png = { contentType: 'image/png' };

describe.each(remoteStores)('objects in %s', (storeName) => {
  test('page by page, garbage is deleted and missing or changed objects are logged', async () => {
    const maintenance = await openMaintenance({}, undefined, storeName);
    const { deps } = maintenance;
    const results: Awaited<ReturnType<typeof maintenance.addResult>>[] = [];
    while (results.length < 7) results.push(await maintenance.addResult(2));
    const kept = results.flatMap(({ keys }) => keys);
    const garbage = await Promise.all(
      Array.from({ length: 5 }, (_, index) => maintenance.putImage(`job_0${index}stray`, 1)),
    );
    const foreign = 'images/not-ours';
    await deps.store.put(foreign, Buffer.from('x'), png);
    await maintenance.ageObjects([...kept, ...garbage, foreign], 25);
    const young = await maintenance.putImage('job_young', 1);

    let deleted = 0;
    for (let run = 0; run < 8; run += 1)
      deleted += await collectGarbage(deps, { pages: 1, pageSize });
    expect(deleted).toBe(garbage.length);
    expect((await maintenance.allKeys()).toSorted()).toEqual([...kept, foreign, young].toSorted());

    const [missing = '', changed = ''] = [results[2]?.keys[0], results[4]?.keys[1]];
    await deps.store.delete(missing);
    await deps.store.delete(changed);
    await deps.store.put(changed, Buffer.from('shorter'), png);
    expect(await checkIntegrity(deps, { pages: 10, pageSize })).toMatchObject({
      checked: 14,
      missing: 1,
      changed: 1,
    });
    const alarms = maintenance.errors().map(([{ objectKey }]) => objectKey);
    expect(new Set(alarms)).toEqual(new Set([missing, changed]));
  });
});
