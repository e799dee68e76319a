/** `PATCH /v1/batches/{id}`: name, metadata, priority, deadline and position of a batch. */
import type { Batch } from '@kiln/shared/schemas/batch';
import { expect, test } from 'vitest';
import { patchJson, postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { readEvents } from '../http/read-events.ts';
import { engineNamed, readError, readQueue } from '../support.ts';
import { act, makeBatch, reached, readBatch, rowsOf, send } from './batches-support.ts';

/** The pool is paused, so that rows become jobs and none of them starts. */
const kiln = await startKiln({ engine: engineNamed('postgres'), env: { KILN_RPM: '6' } });
const { pool } = kiln.deps.records;
await postJson(`${kiln.url}/v1/pools/default/pause`, {});

const patch = (id: string, body: unknown) => patchJson(`${kiln.url}/v1/batches/${id}`, body);

async function change(id: string, body: unknown): Promise<Batch> {
  const response = await patch(id, body);
  expect([response.status, await response.clone().json()]).toEqual([200, expect.anything()]);
  return (await response.json()) as Batch;
}

/** Waits until these are the batches and rows of the jobs that start next. */
async function startsNext(...expected: [string | null, number | null][]): Promise<void> {
  const read = async () => {
    const { data } = await readQueue(kiln, `?limit=${expected.length}`);
    return data.map(({ batch_id: batch, row }) => [batch, row]);
  };
  // A job that was moved is not in the engine yet, and those that are there start before it.
  await expect.poll(read, { timeout: 300_000 }).toEqual(expected);
}

/** The job of a row. */
async function jobOf(id: string, row: number): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    'select id from kiln.jobs where batch_id = $1 and row_number = $2',
    [id, row],
  );
  return rows[0]!.id;
}

interface Waiting {
  row_number: number;
  priority: number;
  fair_tag: number;
  expires_at: Date | null;
}

async function rowsIn(id: string): Promise<Waiting[]> {
  const { rows } = await pool.query<Waiting>(
    `select row_number, priority, fair_tag, expires_at from kiln.jobs where batch_id = $1
      order by row_number`,
    [id],
  );
  return rows;
}

/** Waits until every row is a job, and every change has reached it. */
function isSettled(id: string): Promise<true> {
  return waitFor(
    async () => {
      const { rows } = await pool.query(
        `select from kiln.batches where id = $1 and status = 'in_progress' and changes = '{}'
          and moving is null and retrying_since is null and ingested_row = last_row`,
        [id],
      );
      return rows.length > 0;
    },
    { what: `the rows of ${id} to have what the batch has` },
  );
}

async function makeWaiting(rows: number, query: Record<string, string> = {}): Promise<string> {
  const { id } = await makeBatch(kiln, rowsOf(rows), query);
  await isSettled(id);
  return id;
}

test('a job that is held by another statement gets it afterwards', async () => {
  const id = await makeWaiting(3);
  const other = await pool.connect();
  try {
    await other.query('begin');
    await other.query('select from kiln.jobs where batch_id = $1 and row_number = 2 for update', [
      id,
    ]);
    await change(id, { priority: 'interactive' });
    const isUpTo = (row: number) => async () => {
      const { rows } = await pool.query<{ changed_row: number; changes: string[] }>(
        'select changed_row, changes from kiln.batches where id = $1',
        [id],
      );
      return rows[0]!.changed_row === row && rows[0]!.changes.length > 0;
    };
    await waitFor(isUpTo(1), { what: 'the first row to be changed' });
  } finally {
    await other.query('rollback');
    other.release();
  }
  await isSettled(id);
  expect((await rowsIn(id)).map(({ priority }) => priority)).toEqual([0, 0, 0]);
  await act(kiln, id, 'cancel');
});

test('a name and metadata can be given, changed and removed, also after the end', async () => {
  const { id, name } = await makeBatch(kiln, rowsOf(1), { name: 'Spring' });
  expect(name).toBe('Spring');
  expect(await change(id, { name: 'Summer', metadata: { a: '1' } })).toMatchObject({
    name: 'Summer',
    metadata: { a: '1' },
  });
  await act(kiln, id, 'cancel');
  await reached(kiln, id);
  expect(await change(id, { name: null })).toMatchObject({ name: null, metadata: { a: '1' } });
  expect((await readBatch(kiln, id)).name).toBeNull();
  expect((await send(kiln, rowsOf(1), { name: 'x'.repeat(201) })).status).toBe(400);
});

test('another priority reaches every row that waits, more than a statement takes', async () => {
  const id = await makeWaiting(2_300);
  expect(new Set((await rowsIn(id)).map(({ priority }) => priority))).toEqual(new Set([1]));
  expect((await change(id, { priority: 'interactive' })).priority).toBe('interactive');
  await isSettled(id);
  const rows = await rowsIn(id);
  expect(new Set(rows.map(({ priority }) => priority))).toEqual(new Set([0]));
  // The rows keep their order.
  expect(rows.map(({ fair_tag: tag }) => tag)).toEqual(
    rows.map(({ fair_tag: tag }) => tag).toSorted((one, other) => one - other),
  );
  await change(id, { priority: 'bulk' });
  await isSettled(id);
  expect(new Set((await rowsIn(id)).map(({ priority }) => priority))).toEqual(new Set([1]));
  await act(kiln, id, 'cancel');
});

test('a batch runs next: its rows go before other bulk rows, in their order', async () => {
  const [first, second, third] = [await makeWaiting(5), await makeWaiting(4), await makeWaiting(3)];
  const rows = (id: string, ...numbers: number[]) =>
    numbers.map((number): [string, number] => [id, number]);
  expect(await readBatch(kiln, second)).toMatchObject({ runs_next: false });
  expect(await change(second, { position: 'next' })).toMatchObject({ runs_next: true });
  await isSettled(second);
  await startsNext(...rows(second, 1, 2, 3, 4));
  // Jobs that are asked to run next go before batches, and interactive ones before bulk ones.
  const { id: urgent } = await kiln.submit();
  await patchJson(`${kiln.url}/v1/jobs/${await jobOf(first, 5)}`, { position: 'next' });
  await startsNext(...rows(first, 5), [null, null], ...rows(second, 1, 2));

  // The last batch that was asked for goes first, also if it is paused and resumed.
  await act(kiln, third, 'pause');
  await isSettled(third);
  expect(await change(third, { position: 'next' })).toMatchObject({ runs_next: true });
  await act(kiln, third, 'resume');
  await isSettled(third);
  const tags = async (id: string) => (await rowsIn(id)).map(({ fair_tag: tag }) => tag);
  expect(Math.max(...(await tags(third)))).toBeLessThan(Math.min(...(await tags(second))));
  expect(Math.min(...(await tags(first)).slice(0, 4))).toBeGreaterThanOrEqual(0);

  // A row that was asked for stays the next one, whatever becomes of its batch.
  await act(kiln, first, 'pause');
  await isSettled(first);
  await change(first, { position: 'next' });
  await act(kiln, first, 'resume');
  await isSettled(first);
  await startsNext(...rows(first, 5));
  expect(Math.max(...(await tags(first)))).toBeLessThan(Math.min(...(await tags(third))));

  await act(kiln, second, 'cancel');
  expect(await readBatch(kiln, second)).toMatchObject({ runs_next: false });
  await kiln.request(`/v1/jobs/${urgent}/cancel`, { method: 'POST' });
  for (const id of [first, third]) await act(kiln, id, 'cancel');
});

test('rows that are read later run next as well', async () => {
  const { id } = await makeBatch(kiln, rowsOf(1_500));
  expect(await change(id, { position: 'next' })).toMatchObject({ runs_next: true });
  await isSettled(id);
  const tags = (await rowsIn(id)).map(({ fair_tag: tag }) => tag);
  expect(tags).toHaveLength(1_500);
  expect(Math.max(...tags)).toBeLessThan(-1);
  expect(tags).toEqual(tags.toSorted((one, other) => one - other));
  await act(kiln, id, 'cancel');
});

test('a deadline is given to the rows that wait, and taken from them', async () => {
  const id = await makeWaiting(3);
  const deadline = Math.floor(Date.now() / 1_000) + 3_600;
  expect((await change(id, { deadline })).expires_at).toBe(deadline);
  await isSettled(id);
  const times = (await rowsIn(id)).map(({ expires_at: at }) => at?.getTime());
  expect(times).toEqual([deadline, deadline, deadline].map((seconds) => seconds * 1_000));
  // Another change leaves the expiry of a row alone: a retry may have removed it.
  await pool.query(
    'update kiln.jobs set expires_at = null where batch_id = $1 and row_number = 1',
    [id],
  );
  await change(id, { priority: 'interactive' });
  await isSettled(id);
  expect((await rowsIn(id)).map(({ expires_at: at }) => at === null)).toEqual([true, false, false]);
  expect((await change(id, { deadline: null })).expires_at).toBeNull();
  await isSettled(id);
  expect((await rowsIn(id)).map(({ expires_at: at }) => at)).toEqual([null, null, null]);
  expect(await readError(await patch(id, { deadline: 1_000 }))).toMatchObject({
    status: 400,
    param: 'deadline',
  });
  await act(kiln, id, 'cancel');
});

test('rows that are retried have the priority that the batch has then', async () => {
  const id = await makeWaiting(3);
  await pool.query(
    `update kiln.jobs set status = 'failed', finished_at = now() where batch_id = $1
      and row_number < 3`,
    [id],
  );
  await change(id, { priority: 'interactive' });
  await isSettled(id);
  expect((await rowsIn(id)).map(({ priority }) => priority)).toEqual([1, 1, 0]);
  await act(kiln, id, 'retry');
  await isSettled(id);
  expect((await rowsIn(id)).map(({ priority }) => priority)).toEqual([0, 0, 0]);
  await act(kiln, id, 'cancel');
});

test('rows that become jobs after a change have what the batch has then', async () => {
  // The file of a paused batch is not read.
  const { id } = await makeBatch(kiln, rowsOf(5));
  await act(kiln, id, 'pause');
  const deadline = Math.floor(Date.now() / 1_000) + 3_600;
  await change(id, { priority: 'interactive', deadline });
  await act(kiln, id, 'resume');
  await isSettled(id);
  for (const row of await rowsIn(id))
    expect(row).toMatchObject({ priority: 0, expires_at: new Date(deadline * 1_000) });
  await act(kiln, id, 'cancel');
});

test('an ended batch has no row that waits', async () => {
  const { id } = await makeBatch(kiln, rowsOf(1));
  await act(kiln, id, 'cancel');
  await reached(kiln, id);
  for (const body of [
    { priority: 'interactive' },
    { position: 'next' },
    { deadline: null, name: 'Late' },
  ])
    expect(await readError(await patch(id, body))).toMatchObject({
      status: 409,
      code: 'batch_not_waiting',
      param: Object.keys(body)[0],
      message: expect.stringContaining('its status is cancelled') as string,
    });
  expect((await readBatch(kiln, id)).name).toBeNull();
});

test('a change is an event of the batch', async () => {
  const id = await makeWaiting(1);
  await change(id, { name: 'Seen' });
  const event = await waitFor(
    async () => (await readEvents(kiln, `?batch_id=${id}&types=batch.updated`)).data[0],
    { what: 'batch.updated' },
  );
  expect(event).toMatchObject({
    type: 'batch.updated',
    data: { id, status: 'in_progress', request_counts: { total: 1 } },
  });
  await act(kiln, id, 'cancel');
});

test.each([
  [{}, null],
  [{ name: '' }, 'name'],
  [{ name: 'x'.repeat(201) }, 'name'],
  [{ priority: null }, 'priority'],
  [{ position: 'first' }, 'position'],
  [{ deadline: '2027' }, 'deadline'],
  [{ metadata: { a: 1 } }, 'metadata.a'],
  [{ status: 'completed' }, 'status'],
])('%j is refused', async (body, param) => {
  expect(await readError(await patch('batch_none', body))).toMatchObject({ status: 400, param });
  expect((await patch('batch_none', { name: 'x' })).status).toBe(404);
});

test('batches are found by name, by id, by the name of their file, and by status', async () => {
  const { id: named } = await makeBatch(kiln, rowsOf(1), { name: 'Autumn 100%' });
  const form = new FormData();
  form.append('file', new Blob([rowsOf(1)]), 'harvest.csv');
  const { id: filed } = (await (
    await kiln.request('/v1/batches', { method: 'POST', body: form })
  ).json()) as Batch;
  const find = async (query: Record<string, string>) => {
    const response = await kiln.request(`/v1/batches?${new URLSearchParams(query).toString()}`);
    return ((await response.json()) as { data: Batch[] }).data.map(({ id }) => id);
  };
  expect(await find({ q: 'AUTUMN 100%' })).toEqual([named]);
  expect(await find({ q: 'harvest' })).toEqual([filed]);
  expect(await find({ q: named.slice(6) })).toEqual([named]);
  expect(await find({ q: 'n_100' })).toEqual([]);
  await act(kiln, named, 'cancel');
  await reached(kiln, named);
  expect(await find({ q: 'autumn', status: 'cancelled' })).toEqual([named]);
  expect(await find({ q: 'autumn', status: 'completed' })).toEqual([]);
  expect(await find({ status: 'in_progress' })).not.toContain(named);
});
