/** Stopping a worker: it always ends, and does not wait for jobs that it can return. */
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
import { callsOf, ledgerOf } from './support.ts';

describe.each(engines)('on $name', (engine) => {
  test('a worker that is stopped right after its start ends', async () => {
    const kiln = await startKiln({ engine, workers: false });
    for (let round = 0; round < 15; round += 1) {
      const workers = await kiln.startWorkers();
      await workers.close();
    }
    expect((await kiln.read((await kiln.submit()).id)).status).toBe('queued');
  });

  test('a stopped worker returns the jobs that wait for a start to the next one', async () => {
    const kiln = await startKiln({
      engine,
      workers: false,
      env: { KILN_RPM: '240' },
      simulator: { gate: true },
    });
    const submitted = await Promise.all(Array.from({ length: 6 }, () => kiln.submit()));
    const first = await kiln.startWorkers();
    expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
    const closed = first.close();
    await kiln.control('PATCH', 'settings', { gate: false });
    await closed;
    await kiln.startWorkers();
    for (const { id } of submitted) {
      expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
      expect(await callsOf(kiln, id)).toHaveLength(1);
    }
  });
});
