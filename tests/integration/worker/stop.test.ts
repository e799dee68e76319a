/**
 * Stopping: whatever a worker is about, it comes to its end, and a stop does not wait for what can
 * be given back.
 */
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
import { callsOf, ledgerOf } from './support.ts';

describe.each(engines)('on $name', (engine) => {
  test('a worker that is stopped as soon as it has started ends, whatever its reconciler is about', async () => {
    const kiln = await startKiln({ engine, workers: false });
    for (let round = 0; round < 15; round += 1) {
      const workers = await kiln.startWorkers();
      await workers.close();
    }
    expect((await kiln.read((await kiln.submit()).id)).status).toBe('queued');
  });

  test('a worker that is stopped while jobs wait for their start gives them back; the next one takes them up', async () => {
    const kiln = await startKiln({
      engine,
      workers: false,
      env: { KILN_RPM: '240' },
      simulator: { gate: true },
    });
    const submitted = await Promise.all(Array.from({ length: 6 }, () => kiln.submit()));
    const first = await kiln.startWorkers();
    expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=20000')).toMatchObject({ reached: true });
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
