/** Processes that are asked to stop while everything they depend on is away. */
import { describe, expect, test } from 'vitest';
import { bothEngines } from '../../support/engines/engine-matrix.ts';
import type { FaultEnvironment } from '../rig/environment.ts';
import { openEnvironment } from '../rig/open-environment.ts';

/** The promise is five seconds; a busy machine gets six times as many. */
const longestMs = 30_000;

/** A call every six seconds, so that none is under way when the outage begins. */
const pace = { rpm: 10, minuteMs: 60_000 };

/** Every connection falls silent, or is cut and cannot be opened again. */
const outages = {
  'falls silent': (environment: FaultEnvironment) => {
    for (const link of Object.values(environment.links)) link?.set({ kind: 'blackhole' });
  },
  'is gone': (environment: FaultEnvironment) => {
    for (const link of Object.values(environment.links)) {
      link?.set({ kind: 'refuse' });
      link?.cut('reset');
    }
  },
};

describe.each(bothEngines())('on %s', (engine) => {
  test('worker and API stop soon while all is away, and lose no job that waits', async () => {
    const environment = await openEnvironment({ engine, ...pace });
    const ids = await environment.submit(1);
    for (const [outage, begin] of Object.entries(outages)) {
      const worker = await environment.startWorker();
      ids.push(...(await environment.submit(1)));
      // The last job waits in the worker for its start, which is seconds away.
      await environment.waitForCount('succeeded', ids.length - 1);
      begin(environment);
      const askedAtMs = performance.now();
      for (const each of [worker, environment.api]) each.signal('SIGTERM');
      const ends = await Promise.all([worker.ended, environment.api.ended]);
      expect({ outage, ends }).toEqual({ outage, ends: [0, 0] });
      expect(performance.now() - askedAtMs, outage).toBeLessThan(longestMs);

      for (const link of Object.values(environment.links)) link?.set({ kind: 'pass' });
      await environment.restartApi();
    }
    await environment.startWorker();
    await environment.waitForCount('succeeded', ids.length);
    expect(environment.ledger.tally()).toMatchObject({ calls: ids.length, paid: ids.length });
  });
});
