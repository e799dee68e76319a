/**
 * A configuration that changes while jobs wait: the jobs are found and served, whatever it named
 * before.
 */
import { buildRoutes } from '@kiln/shared/models/routes';
import { recallForeign, takeWindow } from '@kiln/shared/records/jobs/dispatches';
import { announceRoutes, createRerouter } from '@kiln/shared/records/jobs/routes';
import { savePools } from '@kiln/shared/records/pools';
import { beforeEach, expect, test } from 'vitest';
import { addJob, any, openTestRecords, readRow } from '../support.ts';

const records = await openTestRecords();
const { db, pool: database } = records;

const before = buildRoutes([any]);
const after = buildRoutes([{ ...any, name: 'named', model: 'gpt-image-2' }]);

beforeEach(async () => {
  await database.query('truncate kiln.jobs cascade');
  await database.query('delete from kiln.maintenance_cursors');
});

const routeOf = async (id: string) => (await readRow(records, id)).route;

test('waiting jobs move to the route that serves their model now, and no others move', async () => {
  const old = await addJob(records, { route: '*' });
  const limited = await addJob(records, { route: '*@openai' });
  const foreign = await addJob(records, { route: '*@azure' });
  const simulated = await addJob(records, { route: 'simulator' });
  const unserved = await addJob(records, { route: '*', model: 'gpt-image-1-mini' });
  await announceRoutes(db, after);
  expect(await createRerouter(db, after).run(20_000)).toBe(3);
  expect(await routeOf(old)).toBe('gpt-image-2');
  // The job stays limited to the provider whose rules it keeps, even if that is no longer
  // configured.
  expect(await routeOf(limited)).toBe('gpt-image-2@openai');
  expect(await routeOf(foreign)).toBe('gpt-image-2@azure');
  expect(await routeOf(simulated)).toBe('simulator');
  expect(await routeOf(unserved)).toBe('*');
});

test('jobs that a process with the old configuration accepts are moved as well', async () => {
  await announceRoutes(db, after);
  await createRerouter(db, after).run(20_000);
  const late = await addJob(records, { route: '*' });
  // Another process that starts now finds the configuration unchanged, and still has work.
  await announceRoutes(db, after);
  expect(await createRerouter(db, after).run(20_000)).toBe(1);
  expect(await routeOf(late)).toBe('gpt-image-2');
});

test('the newest configuration holds until no process with it was seen for a while', async () => {
  await announceRoutes(db, before);
  await announceRoutes(db, after);
  const id = await addJob(records, { route: 'gpt-image-2' });
  const [old, current] = [createRerouter(db, before), createRerouter(db, after)];
  expect(await old.run(20_000)).toBe(0);
  expect(await current.run(20_000)).toBe(0);
  await database.query(
    `update kiln.maintenance_cursors set updated_at = now() - interval '5 minutes'`,
  );
  expect(await old.run(20_000)).toBe(0);
  // Its run is noticed, and the time starts again.
  expect(await current.run(20_000)).toBe(0);
  expect(await old.run(20_000)).toBe(0);
  await database.query(
    `update kiln.maintenance_cursors set updated_at = now() - interval '11 minutes'`,
  );
  expect(await old.run(20_000)).toBe(1);
  expect(await routeOf(id)).toBe('*');
});

test('jobs beyond one statement are all moved, and the others are not read', async () => {
  await database.query(
    `insert into kiln.jobs (id, project_id, endpoint, model, route, request, metadata, warnings,
      priority, max_attempts, request_id)
     select 'job_' || n, 'default', '', 'gpt-image-2', case when n <= 12000 then 'gone'
       else 'gpt-image-2' end, '{}', '{}', '[]', 1, 5, ''
     from generate_series(1, 12500) n`,
  );
  expect(await createRerouter(db, after).run(20_000)).toBe(12_000);
  expect(await createRerouter(db, after).run(20_000)).toBe(0);
});

test('jobs in the window of a pool that is no longer configured wait again', async () => {
  await savePools(db, [{ name: 'gone', rpm: 6, intervalMs: 10_000, catchUpMs: 0 }]);
  const routes = [{ route: 'gpt-image-2', deployments: ['named'], isShared: false }];
  const id = await addJob(records, { route: 'gpt-image-2' });
  await takeWindow(db, { name: 'gone', routes, sharers: [] }, 8);
  // The dispatch may be on its way to a process that still has the pool.
  expect(await recallForeign(db, ['default'], 60_000)).toBe(0);
  expect(await recallForeign(db, ['default', 'gone'], 0)).toBe(0);
  expect(await recallForeign(db, ['default'], 0)).toBe(1);
  expect(await takeWindow(db, { name: 'default', routes, sharers: [] }, 8)).toMatchObject([
    { id, dispatchNo: 2 },
  ]);
});
