/**
 * A request is late, and its worker dies before the other workers can know. The pace is so slow
 * that the machine's own delays do not count.
 */
import { expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { expectNoViolation } from '../rig/invariants.ts';
import { openEnvironment } from '../rig/open-environment.ts';
import { createWireHolds, statements } from '../rig/wire-holds.ts';

test('other workers make room for a late request before it is sent, not afterwards', async () => {
  const environment = await openEnvironment({
    engine: 'postgres',
    rpm: 6,
    minuteMs: 18_000,
    latencyMs: { min: 0, max: 20 },
    leaseMs: 2_000,
  });
  const { query, ledger } = environment;
  const holds = createWireHolds(environment.links.database);
  const workers = [
    await environment.startWorker('machine-1'),
    await environment.startWorker('machine-2'),
  ];
  const ids = (await environment.submit(1)).concat(await environment.submit(1));
  const late = ids[1]!;
  const opened = holds.set({ hold: 'after', texts: [statements.openAttempt, late] });
  await waitFor(() => opened.isHolding(), { what: 'a job to have its start' });
  ids.push(...(await environment.submit(4)));
  const isDueFor = (ms: number) =>
    query(
      `select from kiln.pools where clock_timestamp()
         > next_start_at - (interval_ms - $1) * interval '1 millisecond'`,
      [ms],
    );
  await waitFor(async () => (await isDueFor(500)).length === 1, { what: 'its start to be late' });
  const [row] = await query<{ worker: string }>(
    'select worker from kiln.attempts where job_id = $1',
    [late],
  );
  holds.release();
  const reported = holds.set({ hold: 'before', texts: [statements.postpone] });
  const missed = "select from kiln.attempts where job_id = $1 and status = 'refused'";
  await waitFor(
    // A very slow machine gives the start up instead.
    async () => reported.isHolding() || (await query(missed, [late])).length > 0,
    { what: 'its worker to report that' },
  );
  await environment.kill(workers.find(({ ready }) => ready['worker'] === row!.worker)!);
  holds.cut();
  await environment.waitForEnds();
  await expectNoViolation(environment, ids);
  // The schedule was not postponed, so the request was not sent.
  const sent = ledger.entries().filter(({ kiln_job_id: id }) => id === late);
  expect(sent.map(({ kiln_attempt_id: no }) => no)).toEqual(['2']);
});
