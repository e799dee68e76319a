/** The schema: applied once, whoever comes at the same time, and of one mind with the domain. */
import { attemptStatuses } from '@kiln/shared/domain/attempt-state';
import { batchStatuses } from '@kiln/shared/domain/batch-state';
import { jobStatuses } from '@kiln/shared/domain/job-state';
import { migrate } from '@kiln/shared/records/database/migrate';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../support/engines/database.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { openTestRecords } from '../support.ts';

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 1 });
  // The database is dropped while the server may still be closing the last connections to it.
  pool.on('error', () => undefined);
  atEndOfFile(() => pool.end());
  return pool;
}

test('eight processes that start at once apply every migration once; later ones find nothing to do', async () => {
  const { url } = await createTestDatabase();
  const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(openPool(url))));
  const pool = openPool(url);
  const { rows } = await pool.query<{ name: string }>(
    'select name from kiln.migrations order by name',
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(applied.flat().toSorted()).toEqual(rows.map(({ name }) => name));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate(pool)).toEqual([]);
});

test('what usual statements are limited to does not end a migration, nor the wait for one', async () => {
  const { url } = await createTestDatabase();
  const holder = await openPool(url).connect();
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1)', [0x6b696c6e]);
  const hurried = new pg.Pool({
    connectionString: url,
    max: 1,
    statement_timeout: 50,
    query_timeout: 100,
  });
  hurried.on('error', () => undefined);
  atEndOfFile(() => hurried.end());
  const migrated = migrate(hurried);
  await Promise.race([migrated, holder.query('select pg_sleep(0.3)')]);
  await holder.query('rollback');
  holder.release();
  expect(await migrated).toContain('0005-routes.sql');
});

test('jobs of every status are taken along by the migration to routes, and the release before can still add some', async () => {
  const { url } = await createTestDatabase();
  const pool = openPool(url);
  await migrate(pool);
  await pool.query(`alter table kiln.jobs drop column route; alter table kiln.jobs alter column deployment set not null;
    alter table kiln.jobs alter column pool set not null; drop table kiln.paused_deployments;
    create index jobs_queued on kiln.jobs (pool) where status = 'queued'; delete from kiln.migrations where name = '0005-routes.sql';
    insert into kiln.pools (name, rpm, interval_ms, catch_up_ms) values ('default', 6, 10000, 0)`);
  const add = (name: string) =>
    pool.query(
      `insert into kiln.jobs (id, project_id, status, endpoint, model, deployment, pool, request, metadata, warnings, priority, max_attempts, request_id)
       select $1 || status || deployment, 'default', status, '', 'gpt-image-2', deployment, 'default', '{}', '{}', '[]', 0, 5, ''
       from unnest($2::text[]) as status, unnest('{default,simulator}'::text[]) as deployment`,
      [name, jobStatuses],
    );
  await add('before');
  expect(await migrate(pool)).toEqual(['0005-routes.sql']);
  const { rows } = await pool.query('select distinct deployment, route from kiln.jobs order by 1');
  expect(rows).toEqual([
    { deployment: 'default', route: '*' },
    { deployment: 'simulator', route: 'simulator' },
  ]);
  await add('after');
});

test('a migration that fails leaves nothing behind, and the connection in good order', async () => {
  const { url } = await createTestDatabase();
  const pool = openPool(url);
  // A table of the same name stands in the way.
  await pool.query('create schema kiln; create table kiln.jobs (mine int)');
  await expect(migrate(pool)).rejects.toThrow('already exists');
  const { rows } = await pool.query(
    "select table_name from information_schema.tables where table_schema = 'kiln'",
  );
  expect(rows).toEqual([{ table_name: 'jobs' }]);
});

test.each([
  ['kiln.jobs', jobStatuses],
  ['kiln.attempts', attemptStatuses],
  ['kiln.batches', batchStatuses],
] as const)('the statuses that %s takes are those of the domain', async (table, statuses) => {
  const { pool } = await openTestRecords();
  const { rows } = await pool.query<{ definition: string }>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = $1::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%status%'`,
    [table],
  );
  expect(rows).toHaveLength(1);
  const allowed = [...rows[0]!.definition.matchAll(/'(\w+)'/g)].map(([, status]) => status ?? '');
  expect(allowed.toSorted()).toEqual([...statuses].toSorted());
});

test('kiln.new_id makes UUIDv7s that sort by the millisecond they were made in', async () => {
  const { pool } = await openTestRecords();
  const before = Date.now();
  const { rows } = await pool.query<{ from_ms: number; id: string; to_ms: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as from_ms, kiln.new_id('evt_') as id,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as to_ms from generate_series(1, 2000)`,
  );
  const ids = rows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2_000);
  for (const id of ids) expect(id).toMatch(/^evt_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  const times = ids.map((id) => Number.parseInt(id.slice(4, 16), 16));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  // Its time is the time it was made at, rounded to the millisecond; machine and server share a
  // clock here.
  for (const [index, { from_ms: fromMs, to_ms: toMs }] of rows.entries()) {
    expect(times[index]).toBeGreaterThanOrEqual(Math.floor(fromMs));
    expect(times[index]).toBeLessThanOrEqual(Math.ceil(toMs));
  }
  expect(times[0]).toBeGreaterThanOrEqual(before - 1);
});
