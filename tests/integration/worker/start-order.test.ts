/** The order in which waiting jobs start, as the provider sees it. */
import { jobsBeforeStart } from '@kiln/shared/domain/capacity';
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
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
    // A starved machine misses starts: those jobs come later, and bulk jobs take their places.
    const { rows: missed } = await kiln.deps.records.pool.query<{ id: string }>(
      "select job_id as id from kiln.attempts where error ->> 'code' = 'start_missed'",
    );
    const isOnTime = (id: string) => missed.every((attempt) => attempt.id !== id);
    const isInteractive = (id: string) => interactive.includes(id);
    expect(order.filter((id) => isInteractive(id) && isOnTime(id))).toEqual(
      interactive.filter(isOnTime),
    );
    const early = order.slice(0, 6).filter((id) => !isInteractive(id));
    expect(early.length).toBeLessThanOrEqual(missed.length);
  });

  test('an interactive job is claimed although bulk jobs that wait have all slots', async () => {
    // The next start is a minute away, so nothing starts while this test looks.
    const kiln = await startKiln({ engine, env: { KILN_RPM: '1' } });
    const claimed = async () =>
      (
        await kiln.deps.records.pool.query<{ id: string; priority: number }>(
          "select id, priority from kiln.jobs where status = 'in_progress' and started_at is null",
        )
      ).rows;
    const first = await kiln.submit({ priority: 'bulk' });
    await waitFor(async () => (await ledgerOf(kiln)).entries.length === 1, { what: 'a call' });
    for (let job = 0; job < 6; job += 1) await kiln.submit({ priority: 'bulk' });
    const slots = jobsBeforeStart({ rpm: 1, ipm: null, tpm: null });
    await waitFor(async () => (await claimed()).length === slots, {
      what: 'all slots to be taken',
    });

    const { id } = await kiln.submit({ priority: 'interactive' });
    await waitFor(async () => (await claimed()).some((job) => job.id === id), {
      what: 'the interactive job to be claimed',
    });
    // It has taken the slot of one bulk job, which keeps its claim.
    expect(await claimed()).toHaveLength(slots + 1);
    const { entries } = await ledgerOf(kiln);
    expect(entries.map((entry) => entry.kiln_job_id)).toEqual([first.id]);
  });
});
