/** The order in which waiting jobs start, as the provider sees it. */
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
import { ledgerOf } from './support.ts';

describe.each(engines)('on $name', (engine) => {
  test('interactive jobs overtake bulk jobs, and never one another', async () => {
    const kiln = await startKiln({ engine, env: { KILN_RPM: '120' }, workers: false });
    const submit = async (count: number, priority: string) => {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) ids.push((await kiln.submit({ priority })).id);
      return ids;
    };
    await submit(6, 'bulk');
    const interactive = await submit(6, 'interactive');
    await kiln.startWorkers();
    for (const id of interactive) await kiln.ended(id);

    const { entries } = await ledgerOf(kiln);
    const order = entries
      .toSorted((one, other) => one.received_at - other.received_at)
      .map(({ kiln_job_id: id }) => id ?? '');
    expect(order.slice(0, 6)).toEqual(interactive);
  });
});
