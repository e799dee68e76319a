/** Results that the database refuses: pictures are kept if they can be, or else the job ends. */
import { expect, test } from 'vitest';
import { engineNamed } from '../api/support.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { callAttemptsOf, callsOf, expectKept } from './support.ts';

/** Makes the database refuse every new row of a table for which `condition` holds. */
async function refuse(kiln: TestKiln, table: string, condition: string): Promise<void> {
  await kiln.deps.records.pool.query(`
    create function kiln.refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$;
    create trigger refuse before insert or update on kiln.${table} for each row
      when (${condition}) execute function kiln.refuse()`);
}

test('a result with words that the database refuses is kept without them', async () => {
  const kiln = await startKiln({ engine: engineNamed('postgres') });
  await refuse(kiln, 'attempts', 'new.usage is not null');
  const { id } = await kiln.submit({ quality: 'low' });
  const job = await kiln.ended(id);
  const calls = await callsOf(kiln, id);
  expect(calls).toHaveLength(1);
  await expectKept(kiln, job, calls[0]!.image_sha256);
  expect(job).toMatchObject({ usage: null, cost: { at_risk: 0 } });
  expect(job.cost.actual).toBeGreaterThan(0);
});

test('a job whose result is always refused fails, with its money counted', async () => {
  const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
  const { id } = await kiln.submit({ quality: 'low' });
  await refuse(kiln, 'images', `new.job_id = '${id}'`);
  // Each failed run waits for five seconds: let four of five have happened.
  await kiln.deps.records.pool.query('update kiln.jobs set failed_runs = 4 where id = $1', [id]);
  await kiln.startWorkers();
  const other = await kiln.submit({ quality: 'low' });
  expect((await kiln.ended(other.id)).status).toBe('succeeded');
  const job = await kiln.ended(id);
  expect(job).toMatchObject({
    status: 'failed',
    error: { code: 'run_failed' },
    images: [],
    cost: { at_risk: job.cost.estimated },
  });
  expect(await callsOf(kiln, id)).toHaveLength(1);
  expect(await callAttemptsOf(kiln, id)).toMatchObject([
    { status: 'unknown', error: { code: 'run_failed' } },
  ]);
});

test('a picture is kept although what its answer says of the pool cannot be recorded', async () => {
  const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
  await kiln.deps.records.pool.query('update kiln.pools set watched = true');
  // A pool that is configured has no starts yet.
  await refuse(kiln, 'pools', 'not new.watched and new.minute_starts > 0');
  await kiln.startWorkers();
  const { id } = await kiln.submit({ quality: 'low' });
  const job = await kiln.ended(id);
  const calls = await callsOf(kiln, id);
  expect(calls).toHaveLength(1);
  await expectKept(kiln, job, calls[0]!.image_sha256);
});
