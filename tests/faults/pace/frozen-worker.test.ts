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
      leaseMs: 1_000,
    });
    const frozen = await environment.startWorker('machine-1');
    const ids = await environment.submit(3);
    await waitFor(() => environment.ledger.tally().in_flight === 3, {
      what: 'three calls to be in flight',
    });
    const thaw = environment.freeze(frozen);
    await waitFor(
      async () =>
        (
          await environment.query(
            'select from kiln.jobs where lease_expires_at < clock_timestamp()',
          )
        ).length === 3,
      {
        what: 'the leases to lapse',
      },
    );

    await environment.startWorker('machine-2');
    // The calls of both workers are under way; then all of them are answered.
    await waitFor(() => environment.ledger.tally().in_flight === 6, {
      what: 'three more calls to be in flight',
    });
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
    await waitFor(
      async () =>
        (await environment.query("select from kiln.attempts where no = 1 and status = 'succeeded'"))
          .length === 3,
      {
        what: 'the late answers to be in the records',
      },
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
    const images = await environment.query<{ attempt_no: number }>(
      'select attempt_no from kiln.images',
    );
    expect(images.map((image) => image.attempt_no)).toEqual([2, 2, 2]);
    const workers = await environment.query<{ no: number; workers: number }>(
      'select no, count(distinct worker)::int as workers from kiln.attempts group by no order ' +
        'by no',
    );
    expect(workers).toEqual([
      { no: 1, workers: 1 },
      { no: 2, workers: 1 },
    ]);
    expect(frozen.output()).toContain('the job was settled or taken over before this answer');
  });
});
