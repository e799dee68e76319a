/** The order in which waiting jobs start, as the provider sees it. */
import { jobsBeforeStart } from '@kiln/shared/domain/capacity';
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { patchJson, startKiln, type TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import { readQueue } from '../api/support.ts';
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

    const order = await startsOf(kiln);
    // A starved machine misses starts: those jobs come later, and bulk jobs take their places.
    const missed = await missedStartsOf(kiln);
    const isOnTime = (id: string) => !missed.includes(id);
    const isInteractive = (id: string) => interactive.includes(id);
    expect(order.filter((id) => isInteractive(id) && isOnTime(id))).toEqual(
      interactive.filter(isOnTime),
    );
    const early = order.slice(0, 6).filter((id) => !isInteractive(id));
    expect(early.length).toBeLessThanOrEqual(missed.length);
  });

  test('jobs run next before all others, the last one asked for first, and each once', async () => {
    const kiln = await startKiln({ engine, env: { KILN_RPM: '120' }, workers: false });
    const submit = async (priority: string) => (await kiln.submit({ priority })).id;
    const bulk = [await submit('bulk'), await submit('bulk'), await submit('bulk')];
    const interactive = [await submit('interactive'), await submit('interactive')];
    await kiln.deps.dispatcher.run('default'); // the engine holds all of them
    const [, second, third] = bulk as [string, string, string];
    for (const id of [second, third]) {
      await runNext(kiln, id);
      await waitFor(() => isDispatched(kiln, id), { what: `${id} to be dispatched again` });
    }
    await kiln.startWorkers();
    const all = [third, second, ...interactive, bulk[0]!];
    for (const id of all) expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });

    const order = await startsOf(kiln);
    const missed = await missedStartsOf(kiln);
    const onTime = (ids: string[]) => ids.filter((id) => !missed.includes(id));
    expect(onTime(order)).toEqual(onTime(all));
    expect(order.toSorted()).toEqual(all.toSorted());
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
    // It has taken the slot of one bulk job, which keeps its claim. A worker that was woken twice
    // may have had a second one give up its slot, which another bulk job has then.
    const { length } = await claimed();
    expect([slots + 1, slots + 2]).toContain(length);
    const { entries } = await ledgerOf(kiln);
    expect(entries.map((entry) => entry.kiln_job_id)).toEqual([first.id]);

    // So is a bulk job that is asked to run next, which goes before the interactive one.
    const { id: asked } = await kiln.submit({ priority: 'bulk' });
    await runNext(kiln, asked);
    await waitFor(async () => (await claimed()).some((job) => job.id === asked), {
      what: 'the job that runs next to be claimed',
    });
    const { data } = await readQueue(kiln);
    expect(data.slice(0, 2).map((entry) => entry.id)).toEqual([asked, id]);
  });
});

/** The jobs of the calls that reached the provider, in their order. */
async function startsOf(kiln: TestKiln): Promise<string[]> {
  const { entries } = await ledgerOf(kiln);
  return entries
    .toSorted((one, other) => one.received_at - other.received_at)
    .map(({ kiln_job_id: id }) => id ?? '');
}

async function missedStartsOf(kiln: TestKiln): Promise<string[]> {
  const { rows } = await kiln.deps.records.pool.query<{ id: string }>(
    "select job_id as id from kiln.attempts where error ->> 'code' = 'start_missed'",
  );
  return rows.map(({ id }) => id);
}

async function runNext(kiln: TestKiln, id: string): Promise<void> {
  const response = await patchJson(`${kiln.url}/v1/jobs/${id}`, { position: 'next' });
  expect(response.status).toBe(200);
}

async function isDispatched(kiln: TestKiln, id: string): Promise<boolean> {
  const { rows } = await kiln.deps.records.pool.query(
    'select from kiln.jobs where id = $1 and dispatched_at is not null',
    [id],
  );
  return rows.length > 0;
}
