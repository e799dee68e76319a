/** How jobs end after unknown outcomes, with a wrong key, and when they are cancelled. */
import { describe, expect, test } from 'vitest';
import { enginesOf } from '../../support/engines/engines.ts';
import { postJson, startKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import { blockedPoolOf, callAttemptsOf, callsOf, expectKept, ledgerOf } from './support.ts';

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('hold: an unknown outcome waits for a decision, without another call', async () => {
    const kiln = await startKiln({ engine, env: { KILN_UNKNOWN_OUTCOME: 'hold' } });
    await kiln.control('POST', 'faults', { fault: 'server error' });
    const job = await kiln.ended((await kiln.submit()).id, ['held']);
    expect(job).toMatchObject({
      error: { code: 'provider_error' },
      attempts: { made: 1 },
      finished_at: null,
    });
    expect(job.cost.at_risk).toBe(job.cost.estimated);
    // A later job is done, so the held one was passed over.
    await kiln.ended((await kiln.submit()).id);
    expect(await callsOf(kiln, job.id)).toHaveLength(1);
    expect((await kiln.read(job.id)).status).toBe('held');
  });

  test('retry_once: the second unknown outcome fails the job', async () => {
    const kiln = await startKiln({ engine });
    await kiln.control('POST', 'faults', { fault: 'reset', times: 2 });
    const job = await kiln.ended((await kiln.submit()).id);
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'connection_lost' },
      attempts: { made: 2 },
      images: [],
    });
    expect(job.cost.at_risk).toBeCloseTo(job.cost.estimated! * 2, 6);
    expect((await callAttemptsOf(kiln, job.id)).map(({ status }) => status)).toEqual([
      'unknown',
      'unknown',
    ]);
    expect(await callsOf(kiln, job.id)).toHaveLength(2);
  });

  test('retry: the job is called for until its attempts are used up', async () => {
    const kiln = await startKiln({
      engine,
      env: { KILN_UNKNOWN_OUTCOME: 'retry', KILN_MAX_ATTEMPTS: '3' },
    });
    await kiln.control('POST', 'faults', { fault: 'server error', times: null });
    const job = await kiln.ended((await kiln.submit()).id);
    expect(job).toMatchObject({ status: 'failed', attempts: { made: 3, max: 3 } });
    expect(await callsOf(kiln, job.id)).toHaveLength(3);
  });

  test('a wrong key: the pool is paused, and jobs wait without losing attempts', async () => {
    const kiln = await startKiln({ engine, simulator: { key: 'the right one' } });
    const beganSeconds = Date.now() / 1000;
    const submitted = await Promise.all(Array.from({ length: 5 }, () => kiln.submit()));
    const pool = await blockedPoolOf(kiln);
    // No job is about to make a call with an earlier start either.
    const isAtRest = async () =>
      (await kiln.deps.records.pool.query("select from kiln.jobs where status = 'in_progress'"))
        .rowCount === 0;
    await waitFor(isAtRest, { what: 'the jobs to wait' });
    expect(pool).toMatchObject({ blocked_reason: 'pool_paused_auth' });
    expect(pool.blocked_until).toBeGreaterThan(beganSeconds + 50);
    await kiln.control('PATCH', 'settings', { key: null });
    for (const { id } of submitted) {
      const job = await kiln.ended(id, ['queued']);
      expect(job).toMatchObject({
        error: null,
        attempts: { made: 0 },
        cost: { actual: null, at_risk: 0 },
      });
    }
    // One call found the wrong key; only calls that were already under way came besides.
    const { counters, entries } = await ledgerOf(kiln);
    expect(counters).toMatchObject({ paid: 0 });
    expect(new Set(entries.map(({ kiln_job_id }) => kiln_job_id)).size).toBe(entries.length);
  });

  test('a forced cancel aborts the call that is under way', async () => {
    const kiln = await startKiln({ engine, simulator: { gate: true } });
    const { id } = await kiln.submit();
    expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
    const answer = await postJson(`${kiln.url}/v1/jobs/${id}/cancel`, { force: true });
    expect(answer.status).toBe(200);
    const job = await kiln.ended(id);
    expect(job).toMatchObject({ status: 'cancelled', images: [], attempts: { made: 1 } });
    expect(job.cost.at_risk).toBe(job.cost.estimated);
    expect((await callAttemptsOf(kiln, id)).map(({ status }) => status)).toEqual(['unknown']);
    await kiln.control('POST', 'release');
    const { entries } = await ledgerOf(kiln, '?min_finished=1&wait_ms=250000');
    expect(entries).toMatchObject([{ kiln_job_id: id, client_gone: true }]);
  });

  test('an unforced cancel lets the call under way finish and keeps its images', async () => {
    const kiln = await startKiln({ engine, simulator: { gate: true } });
    const { id } = await kiln.submit();
    expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
    const asked = await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect(await asked.json()).toMatchObject({ status: 'in_progress' });
    await kiln.control('POST', 'release');
    const job = await kiln.ended(id);
    expect(job.cancel_requested_at).not.toBeNull();
    await expectKept(kiln, job, (await callsOf(kiln, id))[0]!.image_sha256);
  });

  test('a cancel between two attempts prevents the second call', async () => {
    const kiln = await startKiln({ engine, simulator: { gate: true } });
    await kiln.control('POST', 'faults', { fault: 'server error' });
    const { id } = await kiln.submit();
    expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
    await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await kiln.control('POST', 'release');
    expect(await kiln.ended(id)).toMatchObject({ status: 'cancelled', attempts: { made: 1 } });
    expect(await callsOf(kiln, id)).toHaveLength(1);
  });
});
