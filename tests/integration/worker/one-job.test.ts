/** Jobs without faults: one call each, and its pictures are stored. */
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
import {
  attemptsOf,
  callAttemptsOf,
  callsOf,
  eventTypesOf,
  expectKept,
  ledgerOf,
  sha256,
  spoolEmptied,
} from './support.ts';

describe.each(engines)('on $name', (engine) => {
  test('sixty jobs make sixty calls and sixty pictures, and both ledgers agree', async () => {
    const kiln = await startKiln({ engine });
    const submitted = await Promise.all(
      Array.from({ length: 60 }, (_, index) => kiln.submit({ prompt: `boat ${index}` })),
    );
    const jobs = await Promise.all(submitted.map(({ id }) => kiln.ended(id)));
    const { counters, entries } = await ledgerOf(kiln);
    expect(counters).toMatchObject({
      calls: 60,
      in_flight: 0,
      paid: 60,
      images: 60,
      refused_by_429: 0,
    });

    for (const job of jobs) {
      const [call, ...more] = entries.filter((entry) => entry.kiln_job_id === job.id);
      expect(more).toEqual([]);
      await expectKept(kiln, job, call!.image_sha256);
      expect(call!.prompt_sha256).toBe(sha256(job.request.prompt));
      expect(job.attempts).toEqual({ made: 1, max: 5 });
      expect(job.error).toBeNull();
      expect(job.usage).toEqual(call!.usage);
      expect(job.cost.actual).toBeGreaterThan(0);
      expect(job.cost.at_risk).toBe(0);
      const [attempt, ...others] = await callAttemptsOf(kiln, job.id);
      expect(others).toEqual([]);
      expect(attempt).toMatchObject({ status: 'succeeded', http_status: 200, error: null });
      expect(attempt!.provider_request_id).toBe(call!.request_id);
      expect(attempt!.cost).toEqual({ currency: 'usd', actual: job.cost.actual, at_risk: 0 });
    }
    await spoolEmptied(kiln);
  });

  test('a job of three images stores all three, in order', async () => {
    const kiln = await startKiln({ engine, simulator: { pictures: 'full' } });
    const job = await kiln.ended(
      (await kiln.submit({ n: 3, size: '1024x1024', quality: 'low' })).id,
    );
    const [call] = await callsOf(kiln, job.id);
    expect(new Set(call!.image_sha256).size).toBe(3);
    expect(job.images.map(({ index }) => index)).toEqual([0, 1, 2]);
    await expectKept(kiln, job, call!.image_sha256);
  });

  test('each event of a job is written once', async () => {
    const kiln = await startKiln({ engine });
    const job = await kiln.ended((await kiln.submit()).id);
    const { rows } = await kiln.deps.records.pool.query<{ type: string; data: object }>(
      'select type, data from kiln.events where job_id = $1 order by seq',
      [job.id],
    );
    expect(await eventTypesOf(kiln, job.id)).toEqual([
      'job.created',
      'job.started',
      'job.succeeded',
    ]);
    // Each start that was missed has one event more.
    const missed = await attemptsOf(kiln, job.id);
    expect(rows).toHaveLength(3 + missed.filter(({ status }) => status === 'refused').length);
    expect(rows.at(-1)?.data).toEqual({ id: job.id, status: 'succeeded', batch_id: null });
  });
});
