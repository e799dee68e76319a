/** The migrations: applied once, never edited, and consistent with the statuses of the domain. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { attemptStatuses } from '@kiln/shared/domain/attempt-state';
import { batchStatuses } from '@kiln/shared/domain/batch-state';
import { deliveryStatuses } from '@kiln/shared/domain/delivery-state';
import { jobStatuses } from '@kiln/shared/domain/job-state';
import { migrate } from '@kiln/shared/records/database/migrate';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createEmptyDatabase } from '../../../support/engines/database.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { openTestRecords } from '../support.ts';

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 1 });
  // The database is dropped while the server may still be closing the last connections to it.
  pool.on('error', () => undefined);
  atEndOfFile(() => pool.end());
  return pool;
}

test('concurrent starts apply every migration once, and later starts apply none', async () => {
  const { url } = await createEmptyDatabase();
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

test('statement timeouts of the pool end neither a migration nor the wait for one', async () => {
  const { url } = await createEmptyDatabase();
  const holder = await openPool(url).connect();
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1)', [0x6b696c6e]);
  const impatient = new pg.Pool({
    connectionString: url,
    max: 1,
    statement_timeout: 50,
    query_timeout: 100,
  });
  impatient.on('error', () => undefined);
  atEndOfFile(() => impatient.end());
  const migrated = migrate(impatient);
  await Promise.race([migrated, holder.query('select pg_sleep(0.3)')]);
  await holder.query('rollback');
  holder.release();
  expect(await migrated).toContain('0001-baseline.sql');
});

test('a database of an unreleased version is refused and left as it was', async () => {
  const { url } = await createEmptyDatabase();
  const pool = openPool(url);
  await pool.query(`create schema kiln; create table kiln.migrations (name text primary key,
    applied_at timestamptz);
    insert into kiln.migrations (name) values ('0001-records.sql'), ('0017-pool-of-a-job.sql')`);
  await expect(migrate(pool)).rejects.toThrow(
    'the database at DATABASE_URL was created by an unreleased version of Kiln',
  );
  const { rows } = await pool.query(
    "select table_name from information_schema.tables where table_schema = 'kiln'",
  );
  expect(rows).toEqual([{ table_name: 'migrations' }]);
});

test('a database that has newer migrations still serves processes of this version', async () => {
  const { url } = await createEmptyDatabase();
  const pool = openPool(url);
  await migrate(pool);
  await pool.query("insert into kiln.migrations (name) values ('9999-newer.sql')");
  expect(await migrate(pool)).toEqual([]);
});

test('migrations are never edited: each still has the checksum it was committed with', async () => {
  const folder = new URL('../../../../packages/shared/src/records/migrations/', import.meta.url);
  const sums = await readFile(new URL('checksums.txt', folder), 'utf8');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const lines = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(new URL(name, folder));
      return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
    }),
  );
  expect(sums, 'a change of the schema is a new file, with a new line in checksums.txt').toBe(
    lines.join(''),
  );
});

test('an extension in a schema that the role may not use is refused in one sentence', async () => {
  const { url } = await createEmptyDatabase();
  const owner = openPool(url);
  const role = `kiln_${new URL(url).pathname.slice(-12)}`;
  const database = new URL(url).pathname.slice(1);
  await owner.query(`create schema hidden; create extension pg_trgm schema hidden;
    create role ${role} login password 'kiln'; grant create on database ${database} to ${role}`);
  try {
    const mine = new URL(url);
    mine.username = role;
    mine.password = 'kiln';
    await expect(migrate(openPool(mine.href))).rejects.toThrow(
      'the extension pg_trgm is in the schema "hidden" of the database at DATABASE_URL, which ' +
        `the role "${role}" may not use: grant usage on schema "hidden" to "${role}", and start ` +
        'again',
    );
    await owner.query(`grant usage on schema hidden to ${role}`);
    expect(await migrate(openPool(mine.href))).toContain('0001-baseline.sql');
  } finally {
    await owner.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('a migration that fails leaves no tables behind', async () => {
  const { url } = await createEmptyDatabase();
  const pool = openPool(url);
  // A table of the same name exists already.
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
  ['kiln.deliveries', deliveryStatuses],
] as const)('%s allows exactly the statuses of the domain', async (table, statuses) => {
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

test('kiln.new_id returns UUIDv7s that sort by the millisecond of their creation', async () => {
  const { pool } = await openTestRecords();
  const before = Date.now();
  const { rows } = await pool.query<{ from_ms: number; id: string; to_ms: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as from_ms,
      kiln.new_id('evt_') as id,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as to_ms
         from generate_series(1, 2000)`,
  );
  const ids = rows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2_000);
  for (const id of ids) expect(id).toMatch(/^evt_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  const times = ids.map((id) => Number.parseInt(id.slice(4, 16), 16));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  // The time in an id is its creation time, rounded to the millisecond. The server and this process
  // share a clock here.
  for (const [index, { from_ms: fromMs, to_ms: toMs }] of rows.entries()) {
    expect(times[index]).toBeGreaterThanOrEqual(Math.floor(fromMs));
    expect(times[index]).toBeLessThanOrEqual(Math.ceil(toMs));
  }
  expect(times[0]).toBeGreaterThanOrEqual(before - 1);
});

test('jobs that waited before images were counted keep their number of images', async () => {
  const { url } = await createEmptyDatabase();
  const pool = openPool(url);
  const folder = new URL('../../../../packages/shared/src/records/migrations/', import.meta.url);
  await pool.query('create schema kiln; create table kiln.migrations (name text primary key)');
  await pool.query(await readFile(new URL('0001-baseline.sql', folder), 'utf8'));
  await pool.query(`insert into kiln.migrations values ('0001-baseline.sql')`);
  await pool.query(
    `insert into kiln.pools (name, rpm, interval_ms, catch_up_ms) values ('default', 6, 10000, 40);
     insert into kiln.jobs (id, project_id, endpoint, model, request, metadata, warnings, priority,
       max_attempts, request_id)
     select 'job_' || row_number() over (), 'default', '', 'gpt-image-2', request::jsonb, '{}',
       '[]', 0, 5, ''
     from (values ('{"prompt": "A boat", "n": 4}'), ('{"prompt": "A boat"}')) as given(request)`,
  );
  await migrate(pool);
  const { rows } = await pool.query('select id, n, tokens_estimated from kiln.jobs order by id');
  expect(rows).toEqual([
    { id: 'job_1', n: 4, tokens_estimated: null },
    { id: 'job_2', n: 1, tokens_estimated: null },
  ]);
});

test('images of an earlier release, and of its processes, have what is filtered by', async () => {
  const { url } = await createEmptyDatabase();
  const pool = openPool(url);
  const folder = new URL('../../../../packages/shared/src/records/migrations/', import.meta.url);
  const earlier = (await readdir(folder))
    .filter((name) => name.endsWith('.sql') && name < '0022')
    .toSorted();
  await pool.query('create schema kiln; create table kiln.migrations (name text primary key)');
  for (const name of earlier) {
    await pool.query(await readFile(new URL(name, folder), 'utf8'));
    await pool.query('insert into kiln.migrations values ($1)', [name]);
  }
  const addImage = (job: string, index: number) =>
    pool.query(
      `insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width,
         height, bytes, sha256)
       values ($1, $2, 'default', 1, 'images/x', 'png', 1, 1, 1, 'x')`,
      [job, index],
    );
  await pool.query(
    `insert into kiln.jobs (id, project_id, batch_id, row_number, endpoint, model, request,
       metadata, warnings, priority, max_attempts, request_id, status, cost_actual_micros)
     values
       ('job_1', 'default', null, null, '/v1/images/generations', 'gpt-image-1', '{}', '{}', '[]',
         0, 5, '', 'succeeded', 1001),
       ('job_2', 'default', 'batch_1', 1, '/v1/images/edits', 'gpt-image-2', '{}', '{}', '[]', 0,
         5, '', 'succeeded', 900)`,
  );
  for (const index of [0, 2]) await addImage('job_1', index);
  await migrate(pool);
  await addImage('job_2', 0);
  const { rows } = await pool.query(
    `select index, batch_id, model, edited, cost_micros::int as cost from kiln.images
     order by job_id, index`,
  );
  expect(rows).toEqual([
    { index: 0, batch_id: null, model: 'gpt-image-1', edited: false, cost: 500 },
    { index: 2, batch_id: null, model: 'gpt-image-1', edited: false, cost: 501 },
    { index: 0, batch_id: 'batch_1', model: 'gpt-image-2', edited: true, cost: null },
  ]);
});
