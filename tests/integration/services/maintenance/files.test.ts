/**
 * Maintenance of files: expired files are deleted, files that a batch needs stay, and the store is
 * compared with the records.
 */
import { checkIntegrity } from '@kiln/shared/services/maintenance/check-integrity';
import { collectGarbage } from '@kiln/shared/services/maintenance/collect-garbage';
import { writeFile } from '@kiln/shared/services/files/store-file';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { expect, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';
import { addJob } from '../../records/support.ts';
import { openMaintenance, type TestMaintenance } from './support.ts';

async function addFile(
  { deps }: TestMaintenance,
  bytes = 'rows',
): Promise<{ id: string; key: string }> {
  const row = await writeFile(
    { ...deps, config: { keepFilesDays: null, minFreeBytes: 0 } },
    { project_id: 'default', purpose: 'batch', filename: 'rows.jsonl' },
    (async function* () {
      yield await Promise.resolve(Buffer.from(bytes));
    })(),
  );
  return { id: row.id, key: row.object_key };
}

/** Backdates the upload of a file and sets its expiry, both in days from now. */
async function age(
  { records }: TestMaintenance,
  id: string,
  days: number,
  expiresInDays: number | null = null,
) {
  await records.pool.query(
    `update kiln.files set created_at = now() - $2::float8 * interval '1 day',
       expires_at = now() + $3::float8 * interval '1 day'
     where id = $1`,
    [id, days, expiresInDays],
  );
}

async function addBatch(
  { records }: TestMaintenance,
  fileId: string,
  status: string,
): Promise<void> {
  await records.pool.query(
    `insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
     values ($1, 'default', $2, '/v1/images/generations', $3)
     on conflict (id) do update set status = excluded.status`,
    [`batch_${fileId}`, status, fileId],
  );
}

async function liveIds({ records }: TestMaintenance): Promise<string[]> {
  const { rows } = await records.pool.query<{ id: string }>(
    'select id from kiln.files where deleted_at is null order by id',
  );
  return rows.map(({ id }) => id);
}

test('expired files are deleted with their objects; others stay for ever', async () => {
  const maintenance = await openMaintenance();
  const [over, later, never] = [
    await addFile(maintenance),
    await addFile(maintenance),
    await addFile(maintenance),
  ];
  await age(maintenance, over.id, 2, -0.001);
  await age(maintenance, later.id, 2, 0.001);
  await age(maintenance, never.id, 10_000);

  await runMaintenance(maintenance.deps, 'delete_expired');
  expect(await liveIds(maintenance)).toEqual([later.id, never.id]);
  expect(await maintenance.allKeys()).toEqual([later.key, never.key].toSorted());
});

test('KILN_KEEP_FILES_DAYS applies to all files, whatever their own expiry', async () => {
  const maintenance = await openMaintenance({ keepFilesDays: 30 });
  const [old, young, early] = [
    await addFile(maintenance),
    await addFile(maintenance),
    await addFile(maintenance),
  ];
  await age(maintenance, old.id, 30.01, 100);
  await age(maintenance, young.id, 29.9);
  await age(maintenance, early.id, 1, -0.001);
  await runMaintenance(maintenance.deps, 'delete_expired');
  expect(await liveIds(maintenance)).toEqual([young.id]);
});

test('a file that a batch needs is kept until the batch ends', async () => {
  const maintenance = await openMaintenance({ keepFilesDays: 1 });
  const { id } = await addFile(maintenance);
  await age(maintenance, id, 10, -5);
  await addBatch(maintenance, id, 'in_progress');
  await runMaintenance(maintenance.deps, 'delete_expired');
  expect(await liveIds(maintenance)).toEqual([id]);
  await addBatch(maintenance, id, 'completed');
  await runMaintenance(maintenance.deps, 'delete_expired');
  expect(await liveIds(maintenance)).toEqual([]);
  expect(await maintenance.allKeys()).toEqual([]);
});

test.each(['job', 'batch'])(
  'a file that a %s starts to need during the deletion stays',
  async (user) => {
    const maintenance = await openMaintenance();
    const { pool } = maintenance.records;
    const { id } = await addFile(maintenance);
    await age(maintenance, id, 2, -1);
    const jobId = await addJob(maintenance.records);
    // Reading a file waits for the gate; a statement that began before does not see changes made
    // meanwhile.
    await pool.query(
      `alter table kiln.files rename to files_behind;
       create function kiln.pass_gate() returns boolean language plpgsql volatile
         as $$ begin perform pg_advisory_xact_lock_shared(17); return true; end $$;
       create view kiln.files as select * from kiln.files_behind where kiln.pass_gate()`,
    );
    const gate = await pool.connect();
    await gate.query('select pg_advisory_lock(17)');
    const running = runMaintenance(maintenance.deps, 'delete_expired');
    await waitFor(
      async () =>
        (
          await pool.query(
            `select 1 from pg_locks where locktype = 'advisory' and objid = 17 and not granted`,
          )
        ).rows.length > 0,
      { what: 'the look to have begun' },
    );
    if (user === 'job')
      await pool.query('update kiln.jobs set source_file_ids = array[$2] where id = $1', [
        jobId,
        id,
      ]);
    else await addBatch(maintenance, id, 'in_progress');
    await gate.query('select pg_advisory_unlock(17)');
    gate.release();
    await running;
    expect(await liveIds(maintenance)).toEqual([id]);
  },
);

test('three concurrent workers delete 600 expired files, but no needed one', async () => {
  const maintenance = await openMaintenance({ keepFilesDays: 1 });
  await maintenance.records.pool.query(
    `insert into kiln.files (id, project_id, purpose, filename, content_type, bytes, sha256,
       object_key, created_at)
     select 'file-' || n, 'default', 'batch', 'x', 'x', 1, 'x', 'files/' || n,
       now() - interval '2 days'
     from generate_series(1, 900) n;
     insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
     select 'batch_' || n, 'default', 'validating', 'x', 'file-' || n
     from generate_series(1, 300) n`,
  );
  await Promise.all([1, 2, 3].map(() => runMaintenance(maintenance.deps, 'delete_expired')));
  expect(await liveIds(maintenance)).toHaveLength(300);
});

test('objects without a file are deleted after a day; foreign objects stay', async () => {
  const maintenance = await openMaintenance();
  const { deps, records, ageObjects, allKeys } = maintenance;
  const [file, deleted, young] = [
    await addFile(maintenance),
    await addFile(maintenance),
    await addFile(maintenance),
  ];
  await records.pool.query('update kiln.files set deleted_at = now() where id = $1', [deleted.id]);
  await records.pool.query('delete from kiln.files where id = $1', [young.id]);
  const foreign = ['files/logo.png', 'files/ab/file-019f', 'files/9f/file-019f/part'];
  for (const key of foreign) await deps.store.put(key, Buffer.from('x'), { contentType: 'x' });
  await ageObjects([file.key, deleted.key, ...foreign], 25);
  await ageObjects([young.key], 23);
  expect(await collectGarbage(deps)).toBe(1);
  expect(await allKeys()).toEqual([file.key, young.key, ...foreign].toSorted());
});

test('a missing or changed object of a file is logged, unless the file was deleted', async () => {
  const maintenance = await openMaintenance();
  const { deps, records, errors } = maintenance;
  const [whole, lost, cut, gone] = [
    await addFile(maintenance),
    await addFile(maintenance),
    await addFile(maintenance),
    await addFile(maintenance),
  ];
  await deps.store.delete(lost.key);
  await deps.store.delete(cut.key);
  await deps.store.put(cut.key, Buffer.from('ro'), { contentType: 'x' });
  const store = {
    ...deps.store,
    async head(key: string) {
      if (key !== gone.key) return deps.store.head(key);
      await records.pool.query('update kiln.files set deleted_at = now() where id = $1', [gone.id]);
      return null;
    },
  };
  expect(await checkIntegrity({ ...deps, store })).toEqual({ checked: 4, missing: 1, changed: 1 });
  expect(errors()).toEqual(
    expect.arrayContaining([
      [{ fileId: lost.id, objectKey: lost.key }, 'a file is recorded, but its object is missing'],
      [
        { fileId: cut.id, objectKey: cut.key, bytes: 4, foundBytes: 2 },
        'a file is recorded, but its object has another size',
      ],
    ]),
  );
  // Page by page as well, and then again from the start.
  const small = { pages: 1, pageSize: 2 };
  const checked: number[] = [];
  for (let run = 0; run < 3; run += 1) checked.push((await checkIntegrity(deps, small)).checked);
  expect(checked).toEqual([2, 1, 2]);
  expect(await liveIds(maintenance)).toEqual([whole.id, lost.id, cut.id]);
});

test('an expired file that the database refuses to delete holds up no other', async () => {
  const maintenance = await openMaintenance();
  const { records, deps, errors } = maintenance;
  const files = [
    await addFile(maintenance),
    await addFile(maintenance),
    await addFile(maintenance),
  ];
  for (const { id } of files) await age(maintenance, id, 2, -1);
  const refused = files[1]!;
  await records.pool.query(`
    create function kiln.refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$;
    create trigger refuse before update on kiln.files for each row
      when (new.id = '${refused.id}') execute function kiln.refuse()`);
  await runMaintenance(deps, 'delete_expired');
  expect(await liveIds(maintenance)).toEqual([refused.id]);
  expect(errors()).toMatchObject([
    [{ fileId: refused.id }, 'an expired file could not be deleted; the next run tries again'],
  ]);
  await records.pool.query('drop trigger refuse on kiln.files');
  await runMaintenance(deps, 'delete_expired');
  expect(await liveIds(maintenance)).toEqual([]);
});
