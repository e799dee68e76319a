/**
 * Fair order: flows that wait together take turns, in whatever order they came and however many
 * jobs they have.
 */
import { buildRoutes } from '@kiln/shared/models/routes';
import { buildId } from '@kiln/shared/ids';
import { requeueJob } from '@kiln/shared/records/jobs/decisions';
import { returnDispatches, takeWindow } from '@kiln/shared/records/jobs/dispatches';
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { beforeEach, expect, test } from 'vitest';
import { addJob, any, buildJob, openTestRecords, pool, readRow, routes } from '../support.ts';

const records = await openTestRecords();
const { db } = records;
const intake = createJobIntake(db, routes);

beforeEach(async () => {
  await records.pool.query('truncate kiln.jobs cascade');
});

/** Submits jobs of a project at once, in the order of their ids. */
async function submit(project: string, count: number, priority = 1): Promise<string[]> {
  const jobs = Array.from({ length: count }, () => buildJob({ project_id: project, priority }));
  await Promise.all(jobs.map((job) => intake.create(job, null)));
  return jobs.map(({ id }) => id);
}

/**
 * Dispatches `count` jobs one at a time, each claimed before the next, and returns whose they were.
 */
async function dispatch(count: number, from = pool): Promise<string> {
  let order = '';
  for (let taken = 0; taken < count; taken += 1) {
    const [next] = await takeWindow(db, from, 1);
    if (next === undefined) break;
    const { rows } = await records.pool.query<{ project_id: string }>(
      `update kiln.jobs set status = 'succeeded' where id = $1 returning project_id`,
      [next.id],
    );
    order += rows[0]!.project_id;
  }
  return order;
}

test('two flows that wait together take turns, each in its own order', async () => {
  await submit('a', 4);
  await submit('b', 4);
  expect(await dispatch(8)).toBe('abababab');
});

test('a later flow takes its turn at once, without a debt for the time before', async () => {
  await submit('a', 20);
  expect(await dispatch(6)).toBe('aaaaaa');
  await submit('b', 3);
  expect(await dispatch(7)).toBe('abababa');
  // It also gets nothing extra for the time that it was away.
  await submit('b', 2);
  expect(await dispatch(6)).toBe('ababaa');
});

test('three flows get a third each, and share what one does not use', async () => {
  await submit('a', 6);
  await submit('b', 6);
  await submit('c', 2);
  expect(await dispatch(14)).toBe('abcabcabababab');
});

test('interactive jobs go before bulk jobs, and fairly among themselves', async () => {
  await submit('a', 3);
  await submit('b', 2, 0);
  await submit('c', 2, 0);
  expect(await dispatch(7)).toBe('bcbcaaa');
});

test('jobs take the same turns whether they are submitted one by one or at once', async () => {
  for (let count = 0; count < 3; count += 1) await submit('a', 1);
  for (let count = 0; count < 3; count += 1) await submit('b', 1);
  expect(await dispatch(6)).toBe('ababab');
});

test('a keyed submission takes its turn like any other', async () => {
  await submit('a', 3);
  const job = buildJob({ project_id: 'b', priority: 1 });
  await intake.create(job, { key: 'k', requestHash: 'h', answer: {} as never });
  expect(await dispatch(4)).toBe('abaa');
});

test('rows of a batch are a flow of their own', async () => {
  await submit('a', 3);
  const batch = buildId('batch');
  await records.pool.query(
    `with file as (insert into kiln.files (id, project_id, purpose, filename, content_type, bytes,
      sha256, object_key)
       values ('file-1', 'a', 'batch', 'a.csv', 'text/csv', 1, '', '') on conflict do nothing)
     insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
       values ($1, 'a', 'in_progress', '', 'file-1')`,
    [batch],
  );
  await records.pool.query(
    `update kiln.jobs set batch_id = $1, row_number = 1 where fair_tag = 2`,
    [batch],
  );
  // Only two jobs of the project's own flow wait, so its next is the third.
  const [next] = await submit('a', 1);
  const { rows } = await records.pool.query(`select fair_tag from kiln.jobs where id = $1`, [next]);
  expect(rows).toEqual([{ fair_tag: 2 }]);
});

test('a job that returns from the engine goes first, and new jobs gain nothing', async () => {
  await submit('a', 10);
  expect(await dispatch(5)).toBe('aaaaa');
  const [lost] = await takeWindow(db, pool, 1);
  await returnDispatches(db, [lost!]);
  await submit('b', 3);
  const [first] = await takeWindow(db, pool, 1);
  expect(first?.id).toBe(lost?.id);
  await records.pool.query(`update kiln.jobs set status = 'succeeded' where id = $1`, [lost!.id]);
  expect(await dispatch(7)).toBe('abababa');
});

test('a retried job takes its turn now', async () => {
  const [failed] = await submit('a', 1);
  await records.pool.query(`update kiln.jobs set status = 'failed' where id = $1`, [failed]);
  await submit('b', 9);
  expect(await dispatch(4)).toBe('bbbb');
  expect(await requeueJob(db, 'a', failed!, ['failed'], routes)).toBe(true);
  expect(await dispatch(3)).toBe('abb');
});

test('many retried jobs take turns with the jobs of other flows', async () => {
  const failed = await submit('a', 1_000);
  await records.pool.query(`update kiln.jobs set status = 'failed'`);
  await submit('b', 4);
  for (const id of failed.slice(0, 4))
    expect(await requeueJob(db, 'a', id, ['failed'], routes)).toBe(true);
  await submit('c', 2);
  expect(await dispatch(10)).toBe('abcabcabab');
});

test('a stuck competing route does not change the turns in the route of a new flow', async () => {
  const [stuck, moving] = ['gpt-image-1-mini', 'gpt-image-2'].map((model) => ({
    ...any,
    name: model,
    model,
  }));
  const both = buildRoutes([stuck!, moving!]);
  const add = async (project: string, route: string, count: number) => {
    const to = createJobIntake(db, both);
    for (let added = 0; added < count; added += 1)
      await to.create(buildJob({ project_id: project, route, priority: 1 }), null);
  };
  await add('s', 'gpt-image-1-mini', 1);
  await add('a', 'gpt-image-2', 8);
  const routes = [{ route: 'gpt-image-2', deployments: ['gpt-image-2'], isShared: false }];
  const takeNext = (count: number) => dispatch(count, { ...pool, routes });
  expect(await takeNext(4)).toBe('aaaa');
  await add('b', 'gpt-image-2', 4);
  expect(await takeNext(6)).toBe('ababab');
});

test('new jobs do not change the tag of a waiting job', async () => {
  const early = await addJob(records, { fair_tag: 3, priority: 1 });
  const late = await addJob(records, { fair_tag: 8, priority: 1 });
  const [next] = await submit('default', 1);
  expect((await readRow(records, next!)).fair_tag).toBe(9);
  const taken = await takeWindow(db, pool, 3);
  expect(taken.map(({ id }) => id)).toEqual([early, late, next]);
});
