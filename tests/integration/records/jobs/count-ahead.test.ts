/** Positions of jobs behind a large new file: the long range after an old mark is counted once. */
import { jobsByRow } from '@kiln/shared/records/batches/batch-jobs';
import { readMarks } from '@kiln/shared/records/jobs/queue-positions';
import { countAhead, type Marks } from '@kiln/shared/services/dispatch/count-ahead';
import { beforeEach, expect, test } from 'vitest';
import { openTestRecords, routes } from '../support.ts';

const records = await openTestRecords();
const { db } = records;

const batchId = 'batch_1';
const route = 'simulator';

beforeEach(async () => {
  await records.pool.query('truncate kiln.jobs cascade');
});

async function addRows(from: number, to: number): Promise<void> {
  await records.pool.query(
    `insert into kiln.jobs (id, project_id, batch_id, row_number, endpoint, model, route, request,
      metadata, warnings, priority, fair_tag,
       max_attempts, request_id)
     select kiln.new_id('job_'), 'default', $1, row, '/v1/images/generations', 'gpt-image-2',
       $2, '{"prompt": "A boat"}', '{}', '[]', 1, row, 5,
       'req_test'
     from generate_series($3::int, $4::int) as row`,
    [batchId, route, from, to],
  );
}

async function positionsOf(marks: Marks, row: number): Promise<number[]> {
  const jobs = await jobsByRow(db, batchId, row - 1, 2);
  const ahead = await countAhead(db, routes, marks, jobs);
  return jobs.map(({ id }) => ahead.get(id)?.jobs ?? -1);
}

test('the next list counts from where the last one ended', async () => {
  await addRows(1, 100);
  const marks: Marks = Map.groupBy(await readMarks(db, [route]), (mark) => mark.route);
  await addRows(101, 12_000);
  expect(await positionsOf(marks, 11_000)).toEqual([10_999, 11_000]);
  // A second count of the same range would miss these.
  await records.pool.query('delete from kiln.jobs where row_number between 201 and 300');
  expect(await positionsOf(marks, 11_000)).toEqual([10_999, 11_000]);
  expect(await positionsOf(marks, 11_500)).toEqual([11_499, 11_500]);
  expect(await positionsOf(marks, 9_000)).toEqual([8_899, 8_900]);
});

test('a short range leaves no mark', async () => {
  await addRows(1, 1_000);
  const marks: Marks = new Map();
  expect(await positionsOf(marks, 900)).toEqual([899, 900]);
  expect(marks).toEqual(new Map());
});
