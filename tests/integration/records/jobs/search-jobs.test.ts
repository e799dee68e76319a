/** Text search in prompts: what the newest jobs answer, what the index adds, and what it cannot. */
import { searchJobs } from '@kiln/shared/records/jobs/search-jobs';
import { expect, test } from 'vitest';
import { addJob, openTestRecords, type TestRecords } from '../support.ts';

const newest = 3;

async function addPrompts(
  records: TestRecords,
  prompts: readonly string[],
  status: string,
): Promise<string[]> {
  const ids = [];
  for (const prompt of prompts) ids.push(await addJob(records, { request: { prompt } }));
  await records.pool.query('update kiln.jobs set status = $2 where id = any($1)', [ids, status]);
  return ids;
}

const search = (
  { db }: TestRecords,
  q: string,
  filter: { after?: string; status?: 'queued' } = {},
) => searchJobs(db, 'default', { q, limit: 2, ...filter }, newest);

test('the index finds an old job that has ended, so the search is complete', async () => {
  const records = await openTestRecords();
  const [boat] = await addPrompts(
    records,
    ['A small 100% BOAT_1', 'sea', 'sky', 'sun'],
    'succeeded',
  );
  for (const q of ['boat', '100% b', 'OAT_1']) {
    const found = await search(records, q);
    expect(found.rows.map(({ id }) => id)).toEqual([boat]);
    expect(found).toMatchObject({ isComplete: true, continueAfter: null });
  }
  // The characters of patterns have no meaning of their own.
  expect((await search(records, 'BOAT%1')).rows).toEqual([]);
  expect((await search(records, 'BOATx1')).rows).toEqual([]);
});

test('a page of common words is exact, and the next one continues after it', async () => {
  const records = await openTestRecords();
  const ids = await addPrompts(
    records,
    ['boat 1', 'boat 2', 'boat 3', 'boat 4', 'boat 5'],
    'failed',
  );
  const first = await search(records, 'boat');
  expect(first.rows.map(({ id }) => id)).toEqual(ids.slice(2).toReversed());
  const second = await search(records, 'boat', { after: first.rows[1]!.id });
  expect(second.rows.map(({ id }) => id)).toEqual(ids.slice(0, 3).toReversed());
});

test('a search is not complete while older jobs wait; with their status it is', async () => {
  const records = await openTestRecords();
  const [boat] = await addPrompts(records, ['boat', 'sea', 'sky', 'sun'], 'queued');
  expect(await search(records, 'boat')).toEqual({
    rows: [],
    isComplete: false,
    continueAfter: null,
  });
  const first = await search(records, 'boat', { status: 'queued' });
  expect(first).toMatchObject({ rows: [], isComplete: false });
  expect(first.continueAfter).not.toBeNull();
  const second = await search(records, 'boat', { status: 'queued', after: first.continueAfter! });
  expect(second.rows.map(({ id }) => id)).toEqual([boat]);
  expect(second).toMatchObject({ isComplete: true, continueAfter: null });
});

test('without the index a search goes through the jobs in several pages', async () => {
  const records = await openTestRecords();
  await records.pool.query('drop index kiln.jobs_by_prompt');
  const [boat] = await addPrompts(records, ['boat', 'sea', 'sky', 'sun'], 'succeeded');
  const first = await search(records, 'boat');
  expect(first).toMatchObject({ rows: [], isComplete: false });
  const second = await search(records, 'boat', { after: first.continueAfter! });
  expect(second.rows.map(({ id }) => id)).toEqual([boat]);
});
