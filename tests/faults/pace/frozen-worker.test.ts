/** A worker is frozen while another one ends its jobs, and thaws when they have ended. */
import { describe, expect, test } from 'vitest';
import { bothEngines } from '../../support/engines/engine-matrix.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectAllSucceeded } from '../rig/invariants.ts';
import { openEnvironment } from '../rig/open-environment.ts';

describe.each(bothEngines())('on %s', (engine) => {
  test('another worker ends the job of a frozen one, whose late answer adds its cost', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 600,
      minuteMs: 60_000,
      latencyMs: { min: 0, max: 0 },
      gate: true,
      // Longer than a slow machine needs for the test: leases lapse only when the test says so.
      leaseMs: 600_000,
    });
    const frozen = await environment.startWorker('machine-1');
    const frozenName = String(frozen.ready['worker']);
    const ids = await environment.submit(3);
    await waitFor(() => environment.ledger.tally().in_flight === 3, {
      what: 'three calls to be in flight',
    });
    const thaw = environment.freeze(frozen);

    await environment.startWorker('machine-2', { KILN_LEASE_MS: '3000' });
    // The calls of both workers are under way; then all of them are answered. A statement of the
    // frozen worker that was on its way may extend its leases once more.
    await waitFor(
      async () => {
        await environment.query(
          'update kiln.jobs set lease_expires_at = clock_timestamp() where lease_owner = $1',
          [frozenName],
        );
        return environment.ledger.tally().in_flight === 6;
      },
      { what: 'three more calls to be in flight' },
    );
    await environment.setGate(false);
    await environment.waitForCount('succeeded', 3);
    const ended = await environment.query(
      'select id, status, finished_at from kiln.jobs order by id',
    );
    const costs =
      'select cost_actual_micros::int as actual, cost_at_risk_micros::int as at_risk from ' +
      'kiln.jobs order by id';
    const [before] = await environment.query<{ actual: number; at_risk: number }>(costs);
    expect(before!.at_risk).toBeGreaterThan(0);
    thaw();
    // The worker's name finds the attempts: on a slow machine one may follow a missed start,
    // and then it has a higher number.
    await waitFor(
      async () =>
        (
          await environment.query(
            "select from kiln.attempts where worker = $1 and status = 'succeeded'",
            [frozenName],
          )
        ).length === 3,
      { what: 'the late answers to be in the records' },
    );

    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: 6,
      unknown: 0,
      calls: 6,
      paid: 6,
    });
    expect(
      await environment.query('select id, status, finished_at from kiln.jobs order by id'),
    ).toEqual(ended);
    // Two calls were paid for each job, so nothing is at risk any more.
    const [after] = await environment.query<{ actual: number; at_risk: number }>(costs);
    expect(after).toEqual({ actual: before!.actual * 2, at_risk: 0 });
    const attempts = await environment.query<{ late: boolean; attempts: number; images: number }>(
      `select worker = $1 as late, count(*)::int as attempts, count(attempt_no)::int as images
       from kiln.attempts a left join kiln.images i on i.job_id = a.job_id and attempt_no = no
       where status <> 'refused' group by 1 order by 1`,
      [frozenName],
    );
    expect(attempts).toEqual([
      { late: false, attempts: 3, images: 3 },
      { late: true, attempts: 3, images: 0 },
    ]);
    await waitFor(
      () => frozen.output().includes('the job was settled or taken over before this answer'),
      { what: 'the log of the late answer' },
    );
  });
});
