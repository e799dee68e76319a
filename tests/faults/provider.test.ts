/**
 * The provider fails in every known way: each answer and each broken connection, storms of
 * refusals, and a third of all calls.
 */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { expectNoViolation } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { createWireHolds, statements } from './rig/wire-holds.ts';
import type { FaultEnvironment } from './rig/environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

type End = [status: 'succeeded' | 'failed', code: string | null, calls: number, paid: number];

/**
 * The end of a job whose first calls meet the fault. A retry of a billed call is billed as well.
 */
const faults: [fault: string, times: number, end: End][] = [
  ['server error', 1, ['succeeded', null, 2, 2]],
  ['server error', 2, ['failed', 'provider_error', 2, 2]],
  ['bad gateway', 1, ['succeeded', null, 2, 2]],
  ['gateway timeout', 1, ['succeeded', null, 2, 2]],
  ['unavailable without a hint', 1, ['succeeded', null, 2, 1]],
  ['request timeout', 1, ['succeeded', null, 2, 2]],
  ['hang', 1, ['succeeded', null, 2, 2]],
  ['hang', 2, ['failed', 'provider_timeout', 2, 2]],
  ['reset', 1, ['succeeded', null, 2, 2]],
  ['close', 1, ['succeeded', null, 2, 2]],
  ['cut-answer', 1, ['succeeded', null, 2, 2]],
  ['slow-body', 1, ['succeeded', null, 2, 2]],
  ['no data', 1, ['succeeded', null, 2, 2]],
  ['cut base64', 1, ['succeeded', null, 2, 2]],
  ['page instead of JSON', 1, ['succeeded', null, 2, 2]],
  ['azure filter, short form', 1, ['failed', 'content_policy', 1, 0]],
  ['azure filter, long form', 1, ['failed', 'content_policy', 1, 0]],
  ['azure filter, snake case', 1, ['failed', 'content_policy', 1, 0]],
  ['openai moderation', 1, ['failed', 'content_policy', 1, 0]],
  ['unknown parameter', 1, ['failed', 'provider_rejected_parameters', 1, 0]],
];

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('each answer and broken connection costs the expected calls and payments', async () => {
    const env = { KILN_CALL_TIMEOUT_MS: '1500' };
    const environment = await openEnvironment({
      engine,
      rpm: 600,
      minuteMs: 60_000,
      latencyMs: { min: 0, max: 20 },
      env,
    });
    const jobs = new Map<string, string>();
    for (const [index, [fault, times]] of faults.entries()) {
      const text = `case ${index}.`;
      await environment.control('POST', 'faults', { fault, times, prompt_contains: text });
      jobs.set(await environment.submitFor(text), `${fault} × ${times}`);
    }
    await environment.startWorker();
    await environment.waitForEnds();
    await waitFor(() => environment.ledger.tally().in_flight === 0, {
      what: 'the ledger to be complete',
    });
    await expectNoViolation(environment, [...jobs.keys()]);

    const records = await environment.query<{ id: string; status: string; code: string | null }>(
      `select id, status, error->>'code' as code from kiln.jobs`,
    );
    const ends = records.map(({ id, status, code }) => {
      const calls = environment.ledger.entries().filter((entry) => entry.kiln_job_id === id);
      return [jobs.get(id), [status, code, calls.length, calls.filter(({ paid }) => paid).length]];
    });
    expect(Object.fromEntries(ends)).toEqual(
      Object.fromEntries(faults.map(([fault, times, end]) => [`${fault} × ${times}`, end])),
    );
  });

  test('repeated refusals: the pool waits as it must, and only results are paid', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 10,
      minuteMs: 1_000,
      latencyMs: { min: 0, max: 20 },
    });
    await environment.startWorker();
    const ids: string[] = [];
    // Short pauses end by themselves, also several in a row.
    for (const [fault, times] of [
      ['azure capacity', 3],
      ['azure quota, hint in milliseconds', 2],
      ['wrong key', 2],
      ['deployment missing', 1],
      ['resource blocked, not the prompt', 1],
      ['openai quota used up', 1],
    ] as const) {
      await environment.control('POST', 'faults', { fault, times });
      ids.push(...(await environment.submit(2)));
      await environment.waitForEnds();
    }
    // An operator ends long pauses, because the scaled minute does not shorten the waits that a
    // provider asks for.
    for (const [fault, seconds] of [
      ['azure quota', 9],
      ['quota, hint as a date', 30],
      ['azure quota, hint in the text only', 86_400],
    ] as const) {
      await environment.control('POST', 'faults', { fault });
      const submittedAtMs = Date.now();
      // Submit one job alone: a second one might make its call before the first refusal is
      // recorded.
      ids.push(...(await environment.submit(1)));
      await expectBlocked(environment, seconds, submittedAtMs);
      ids.push(...(await environment.submit(1)));
      const resumedAtMs = Date.now();
      expect(
        (await environment.request('/v1/pools/default/resume', { method: 'POST' })).status,
      ).toBe(200);
      await environment.waitForEnds();
      const refused = environment.ledger.entries().findLast(({ status }) => status === 429);
      const next = environment.ledger
        .entries()
        .find(({ received_at: at }) => at > (refused?.finished_at ?? 0));
      expect(next?.received_at).toBeGreaterThan(resumedAtMs);
    }
    const audit = await expectNoViolation(environment, ids);
    expect(audit).toMatchObject({
      succeeded: ids.length,
      calls: ids.length,
      paid: ids.length,
      unknown: 0,
    });
  });

  test('a job sent back while its closed pool is resumed starts without a delay', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 600,
      minuteMs: 60_000,
      latencyMs: { min: 0, max: 20 },
    });
    await environment.query(
      "update kiln.pools set blocked_until = clock_timestamp() + interval '1 day'",
    );
    const holds = createWireHolds(environment.links.database);
    const ids = await environment.submit(1);
    const sentAway = holds.set({
      hold: 'before',
      texts: [statements.releaseClaim, ids[0] ?? ''],
    });
    await environment.startWorker();
    await waitFor(sentAway.isHolding, { what: 'the job to be sent away' });
    await environment.request('/v1/pools/default/resume', { method: 'POST' });
    holds.release();
    await environment.waitForEnds();
    await expectNoViolation(environment, ids);
  });

  test('a third of all calls fails: every job ends, second calls have a reason', async () => {
    const environment = await openEnvironment({
      engine,
      rpm: 180,
      minuteMs: 6_000,
      latencyMs: { min: 50, max: 200 },
      env: { KILN_UNKNOWN_OUTCOME: 'retry' },
    });
    await environment.control('PATCH', 'settings', {
      fault_rates: {
        'server error': 0.1,
        'bad gateway': 0.1,
        'gateway timeout': 0.05,
        'unavailable without a hint': 0.05,
      },
    });
    await Promise.all([environment.startWorker('machine-1'), environment.startWorker('machine-2')]);
    const ids = await environment.submit(40);
    await environment.waitForEnds();
    const audit = await expectNoViolation(environment, ids);
    expect(audit.unknown).toBeGreaterThanOrEqual(5);
    expect(audit.succeeded).toBeGreaterThanOrEqual(38);
  });
});

/** Expects the pool to be blocked until the time that the provider gave. */
async function expectBlocked(
  environment: FaultEnvironment,
  seconds: number,
  submittedAtMs: number,
): Promise<void> {
  const pool = await waitFor(
    async () => {
      const answer = await environment.request('/v1/pools');
      const { data } = (await answer.json()) as {
        data: { status: string; blocked_until: number | null }[];
      };
      return data.find(({ status, blocked_until: until }) => status !== 'open' && until !== null);
    },
    { what: 'the pool to be blocked' },
  );
  // The call was refused between the two times. The date and the answer have whole seconds.
  expect(pool.blocked_until).toBeGreaterThan(submittedAtMs / 1_000 + seconds - 2);
  expect(pool.blocked_until).toBeLessThan(Date.now() / 1_000 + seconds + 1);
}
