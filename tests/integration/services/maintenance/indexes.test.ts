/** With a backlog of a hundred thousand jobs no maintenance statement scans a whole table. */
import { buildId } from '@kiln/shared/ids';
import { maintenanceTasks } from '@kiln/shared/queue/catalogue';
import { insertBatch, type NewBatch } from '@kiln/shared/records/batches/batches';
import { deleteFile } from '@kiln/shared/records/files/files';
import { openRecords, type Records } from '@kiln/shared/records/database/open-records';
import { checkIntegrity } from '@kiln/shared/services/maintenance/check-integrity';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { withClient } from '../../../support/engines/postgres-server.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { log } from '../../records/support.ts';
import { openMaintenance } from './support.ts';

const jobs = 100_000;

/**
 * Uses one connection, because the server counts per process and is asked to publish its counts
 * now.
 */
function openOne(databaseUrl: string): Records {
  const one = openRecords({
    databaseUrl,
    connections: 1,
    name: 'test',
    statementTimeoutMs: 30_000,
    log,
  });
  atEndOfFile(() => one.close());
  return one;
}

test('every statement finds its rows by an index', async () => {
  const { records, deps, putImage, ageObjects } = await openMaintenance({
    keepResultsDays: 30,
    keepFilesDays: 30,
  });
  // Filling takes as long as the machine needs: this connection has no time limit.
  await withClient(records.databaseUrl, async (client) => {
    await client.query(fill(jobs));
    await client.query(
      'vacuum analyze kiln.jobs, kiln.images, kiln.attempts, kiln.events, kiln.files, kiln.batches',
    );
  });
  await ageObjects([await putImage(buildId('job'), 1)], 48);

  const one = openOne(records.databaseUrl);
  const countScans = async (): Promise<Record<string, number>> => {
    await one.pool.query('select pg_stat_force_next_flush()');
    const { rows } = await one.pool.query<{ name: string; scans: number }>(
      `select relname as name, seq_scan::int as scans from pg_stat_user_tables
       where schemaname = 'kiln'
         and relname in ('jobs', 'images', 'attempts', 'events', 'files', 'batches')
       order by 1`,
    );
    return Object.fromEntries(rows.map(({ name, scans }) => [name, scans]));
  };

  const before = await countScans();
  // All objects but one are missing, and each would be logged, so only a few are checked.
  for (const task of maintenanceTasks.filter((name) => name !== 'check_integrity'))
    await runMaintenance({ ...deps, db: one.db }, task);
  const report = await checkIntegrity({ ...deps, db: one.db }, { pages: 2, pageSize: 1_000 });
  expect(report.missing).toBe(report.checked);
  // A file that a waiting job needs, and one that only a finished batch names.
  const fileOf = (n: number) => `file-${String(n).padStart(32, '0')}`;
  expect(await deleteFile(one.db, 'default', fileOf(40_004))).toMatchObject({ status: 'in_use' });
  expect(await deleteFile(one.db, 'default', fileOf(40_003))).toMatchObject({ status: 'deleted' });
  expect(await countScans()).toEqual(before);

  const { rows } = await one.pool.query<{ status: string; count: number; deleted: number }>(
    'select status, count(*)::int, count(results_deleted_at)::int as deleted from kiln.jobs ' +
      'group by 1 order by 1',
  );
  expect(rows).toEqual([
    { status: 'expired', count: 1_500, deleted: 0 },
    { status: 'queued', count: jobs / 2 - 1_500, deleted: 0 },
    { status: 'succeeded', count: jobs / 2, deleted: 500 },
  ]);
});

test('deleting a file does not read the picture names of unfinished batches', async () => {
  const { records, deps } = await openMaintenance();
  const one = openOne(records.databaseUrl);
  // Autovacuum would read them as well.
  await one.pool.query(
    'alter table kiln.batches set (autovacuum_enabled = false, toast.autovacuum_enabled = false)',
  );
  const file = (name: string) =>
    one.pool.query(
      `insert into kiln.files (id, project_id, purpose, filename, content_type, bytes, sha256,
         object_key, created_at, expires_at)
       values ($1, 'default', 'vision', 'x', 'x', 1, 'x', 'files/' || $1, now(),
         now() - interval '1 hour')`,
      [name],
    );
  for (const name of ['file-input', 'file-needed', 'file-free', 'file-due']) await file(name);
  for (let batch = 1; batch <= 50; batch += 1) {
    const names = Array.from(
      { length: 1_000 },
      (_, index) => [`${index}.png`, `file-${randomUUID()}`] as const,
    );
    const sourceFiles: Record<string, string> = Object.fromEntries(names);
    if (batch === 7) Object.assign(sourceFiles, { 'a.png': 'file-needed', 'b.png': 'file-needed' });
    await insertBatch(one.db, newBatch(`batch_${batch}`, 'file-input', sourceFiles), null);
  }
  /** Reads of TOASTed values, which hold the picture names of a batch. */
  const countReads = async () => {
    await one.pool.query('select pg_stat_force_next_flush()');
    const { rows } = await one.pool.query<{ reads: number }>(
      'select (toast_blks_hit + toast_blks_read)::int as reads from pg_statio_user_tables ' +
        "where schemaname = 'kiln' and relname = 'batches'",
    );
    return rows[0]?.reads ?? 0;
  };
  const before = await countReads();
  // Prove that the count rises when the names are read.
  await one.pool.query('select sum(length(source_files::text)) from kiln.batches');
  expect(await countReads()).toBeGreaterThan(before);
  const after = await countReads();
  expect(await deleteFile(one.db, 'default', 'file-needed')).toEqual({
    status: 'in_use',
    by: 'batch_7',
  });
  expect(await deleteFile(one.db, 'default', 'file-free')).toMatchObject({ status: 'deleted' });
  await runMaintenance({ ...deps, db: one.db }, 'delete_expired');
  expect(await countReads()).toBe(after);
  const { rows } = await one.pool.query(
    'select id from kiln.files where deleted_at is null order by id',
  );
  expect(rows).toEqual([{ id: 'file-input' }, { id: 'file-needed' }]);
});

function newBatch(id: string, inputFileId: string, sourceFiles: Record<string, string>): NewBatch {
  return {
    id,
    project_id: 'default',
    endpoint: '/v1/images/edits',
    input_file_id: inputFileId,
    source_files: sourceFiles,
    name: null,
    options: {} as NewBatch['options'],
    metadata: {},
    deadline_at: null,
    request_id: 'req',
    created_at: new Date(),
  };
}

/**
 * Half of the jobs wait, a few of them past their deadline, and every other one has a picture; the
 * other half succeeded, a few of them long ago.
 */
function fill(count: number): string {
  return `
    insert into kiln.jobs (id, project_id, endpoint, model, deployment, pool, route, request,
      metadata, warnings, priority, max_attempts, request_id, source_file_ids, status, expires_at,
      finished_at)
    select 'job_' || lpad(n::text, 32, '0'), 'default', '/v1/images/generations', 'gpt-image-2',
      'simulator', 'default', 'simulator', '{}', '{}', '[]', 1, 5, 'req',
      case when n % 4 = 0 then array['file-' || lpad(n::text, 32, '0')] end,
      case when n % 2 = 0 then 'queued' else 'succeeded' end,
      case when n % 2 = 0
        then now() + (case when n <= 3000 then -1 else 1 end) * interval '1 hour' end,
      case when n % 2 = 1
        then now() - (case when n <= 1000 then 40 else 1 end) * interval '1 day' end
    from generate_series(1, ${count}) n;
    insert into kiln.attempts (job_id, no, project_id, deployment, pool, status, worker)
    select id, 1, 'default', 'simulator', 'default', 'succeeded', 'wrk'
    from kiln.jobs where status = 'succeeded';
    insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width,
      height, bytes, sha256, model)
    select id, 0, 'default', 1, 'images/' || right(id, 2) || '/' || id || '/1-0.png', 'png', 1, 1,
      1, 'x', model
    from kiln.jobs where status = 'succeeded';
    insert into kiln.events (project_id, type, job_id, data, position, created_at)
    select 'default', 'job.created', id, '{}', n,
      now() - (case when n < ${count} * 0.12 then 8 else 1 end) * interval '1 day'
    from (select id, row_number() over () as n from kiln.jobs) as job;
    insert into kiln.files (id, project_id, purpose, filename, content_type, bytes, sha256,
      object_key, created_at, expires_at)
    select 'file-' || lpad(n::text, 32, '0'), 'default', 'batch', 'x', 'x', 1, 'x', 'files/' || n,
      now() - (case when n <= 500 then 40 else 1 end) * interval '1 day',
      now() + (case when n % 200 = 0 then -1 else 1 end) * interval '1 hour'
    from generate_series(1, ${count}) n;
    insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
    select 'batch_' || n, 'default',
      case when n % 1000 = 0 then 'in_progress' else 'completed' end, 'x',
      'file-' || lpad(n::text, 32, '0')
    from generate_series(1, ${count}, 5) n`;
}
