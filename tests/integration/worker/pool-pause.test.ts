/** Paused pools: by a fault, which single calls probe, and by an operator. */
import type { PoolView } from '@kiln/shared/schemas/pool';
import { describe, expect, test } from 'vitest';
import { enginesOf } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import { blockedPoolOf, ledgerOf } from './support.ts';

async function switchPool(kiln: TestKiln, action: string, name = 'default') {
  const response = await kiln.request(`/v1/pools/${name}/${action}`, { method: 'POST' });
  return { status: response.status, body: (await response.json()) as PoolView };
}

async function poolEvents(kiln: TestKiln): Promise<string[]> {
  const { rows } = await kiln.deps.records.pool.query<{ type: string }>(
    `select type from kiln.events where type like 'pool.%' order by seq`,
  );
  return rows.map(({ type }) => type);
}

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('a wrong key pauses the pool; single calls probe it until the key is right', async () => {
    // The provider's minute is one second, so probes come after 1, 2 and 4 s. Starts are a sixth of
    // a second apart and valid as long.
    const kiln = await startKiln({
      engine,
      env: { KILN_MINUTE_MS: '1000', KILN_RPM: '6' },
      simulator: { key: 'the right one' },
    });
    const jobs = await Promise.all(Array.from({ length: 4 }, () => kiln.submit()));
    expect(await blockedPoolOf(kiln)).toMatchObject({
      status: 'paused',
      blocked_reason: 'pool_paused_auth',
    });
    const found = (await ledgerOf(kiln, '?in_flight=0&wait_ms=250000')).counters.calls;
    const { counters } = await ledgerOf(kiln, `?min_calls=${found + 1}&wait_ms=250000`);
    expect(counters.calls).toBe(found + 1);
    expect(counters.paid).toBe(0);
    await kiln.control('PATCH', 'settings', { key: null });
    for (const { id } of jobs) {
      expect(await kiln.ended(id)).toMatchObject({
        status: 'succeeded',
        attempts: { made: 1 },
        cost: { at_risk: 0 },
      });
    }
    expect(await poolEvents(kiln)).toEqual(['pool.blocked', 'pool.resumed']);
  });

  test('a pool that an operator paused makes no call until it is resumed', async () => {
    const kiln = await startKiln({ engine });
    expect(await switchPool(kiln, 'pause')).toMatchObject({
      status: 200,
      body: { status: 'paused', blocked_reason: 'operator' },
    });
    const { id } = await kiln.submit();
    // The job is claimed once and returned; its work item waits.
    await waitFor(
      async () =>
        (
          await kiln.deps.records.pool.query(
            'select from kiln.jobs where dispatched_at is not null',
          )
        ).rowCount === 1,
      { what: 'the job to be dispatched' },
    );
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
    expect(await switchPool(kiln, 'resume')).toMatchObject({
      status: 200,
      body: { status: 'open' },
    });
    expect((await kiln.ended(id)).status).toBe('succeeded');
    expect(await poolEvents(kiln)).toEqual(['pool.blocked', 'pool.resumed']);
    await kiln.deps.records.pool.query(
      `insert into kiln.pools (name, rpm, interval_ms, catch_up_ms)
       values ('removed', 6, 10000, 0)`,
    );
    for (const action of ['pause', 'resume'])
      expect(await switchPool(kiln, action, 'removed')).toMatchObject({ status: 404 });
    expect(await switchPool(kiln, 'pause', 'elsewhere')).toMatchObject({
      status: 404,
      body: {
        error: { code: 'pool_not_found', message: expect.stringContaining('default') as string },
      },
    });
  });
});
