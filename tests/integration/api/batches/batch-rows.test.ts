/** The rows of a batch by their numbers: `GET /v1/batches/{id}/rows`. */
import { Readable } from 'node:stream';
import { batchRowsSchema, type BatchRows } from '@kiln/shared/schemas/batches/batch-row';
import { createRefusedClaims } from '@kiln/shared/services/refused-claims';
import { advanceBatch } from '@kiln/shared/services/batches/work/advance';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed, readError } from '../support.ts';
import { act, makeBatch, reached, readBatch, rowsOf } from './batches-support.ts';

let kiln: TestKiln;
beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
});

async function listRows(id: string, query: Record<string, string | number> = {}) {
  const texts = Object.entries(query).map(([name, value]) => [name, String(value)]);
  const search = new URLSearchParams(Object.fromEntries(texts) as Record<string, string>);
  const response = await kiln.request(`/v1/batches/${id}/rows?${search.toString()}`);
  if (!response.ok) throw new Error(await response.text());
  return batchRowsSchema.strict().parse(await response.json());
}

/** All rows that match, over as many pages as it takes. */
async function searchRows(id: string, query: Record<string, string | number>) {
  const rows: BatchRows['data'] = [];
  for (let from: number | null = 1; from !== null;) {
    const page: BatchRows = await listRows(id, { ...query, from });
    rows.push(...page.data);
    expect(page.has_more).toBe(page.next_from !== null);
    from = page.next_from;
  }
  return rows;
}

const briefly = ({ data }: Pick<BatchRows, 'data'>) => data.map(({ row, status }) => [row, status]);

describe('before every row has a job', () => {
  test('a batch that was not read has no rows', async () => {
    const { id } = await makeBatch(kiln, rowsOf(2));
    expect(await listRows(id)).toMatchObject({
      data: [],
      total: null,
      last_row: null,
      has_more: false,
      next_from: null,
    });
    await act(kiln, id, 'cancel');
  });

  test('a row that no worker has read waits, and is cancelled with its batch', async () => {
    // The beginning of a file, 64 KiB, is read before its rows.
    const file = rowsOf(1_500, (row) => `A small boat ${'x'.repeat(80)} ${row}`);
    const { id } = await makeBatch(kiln, file);
    const { config, routes, log, records, tokenMemory, dispatcher, store } = kiln.deps;
    const refusedClaims = createRefusedClaims();
    const work = { config, routes, log, tokenMemory, dispatcher, refusedClaims, db: records.db };
    const stopping = new AbortController().signal;
    // The second reading of the file ends after 1,200 rows, of which 1,000 are written together.
    const get: ObjectStore['get'] = async (key) => {
      if ((await readBatch(kiln, id)).status === 'validating') return store.get(key);
      const stream = new Readable({ read: () => undefined });
      stream.push(file.slice(0, file.indexOf('id-1201,')));
      return { stream, size: file.length };
    };
    const advancing = advanceBatch({ ...work, stopping, store: { ...store, get } }, id);
    const page = await waitFor(
      async () => ((found) => found.counts.status.queued === 1_000 && found)(await listRows(id)),
      { what: 'the first rows to be written' },
    );
    expect(page).toMatchObject({ total: 1_500, last_row: 1_500, matched: 1_500, next_from: 51 });
    expect(page.counts.status.waiting).toBe(500);
    await act(kiln, id, 'pause');
    expect(await advancing).toEqual({ status: 'done' });

    const around = await listRows(id, { from: 999, limit: 4 });
    expect(briefly(around)).toEqual([
      [999, 'queued'],
      [1_000, 'queued'],
      [1_001, 'waiting'],
      [1_002, 'waiting'],
    ]);
    expect(around.data[2]).toMatchObject({ job_id: null, prompt: null, custom_id: null });
    expect(await listRows(id, { status: 'waiting', limit: 2 })).toMatchObject({
      data: [{ row: 1_001 }, { row: 1_002 }],
      matched: 500,
      next_from: 1_003,
    });

    await act(kiln, id, 'cancel');
    expect(await advanceBatch({ ...work, stopping, store }, id)).toEqual({ status: 'done' });
    // A row that the dispatcher has locked is left to the next run.
    const isCancelled = async () => {
      if ((await listRows(id)).counts.status.cancelled === 1_500) return true;
      await advanceBatch({ ...work, stopping, store }, id);
      return false;
    };
    await waitFor(isCancelled, { what: 'all rows to be cancelled' });
    const over = await listRows(id, { from: 1_000, limit: 2 });
    expect(briefly(over)).toEqual([
      [1_000, 'cancelled'],
      [1_001, 'cancelled'],
    ]);
    expect(over).toMatchObject({ last_row: 1_500, counts: { status: { cancelled: 1_500 } } });
    expect(briefly(await listRows(id, { from: 1_500 }))).toEqual([[1_500, 'cancelled']]);
  });
});

describe('a batch that ran', () => {
  const file = [
    'custom_id,prompt,size',
    'first,A small boat,1024x1024',
    'second,A boat of no size,99x1',
    ',,',
    'fourth,A <refused> boat,1024x1024',
    'fifth,A boat 100% at DAWN,1024x1024',
  ].join('\n');
  let id: string;
  beforeAll(async () => {
    await kiln.startWorkers();
    await kiln.control('POST', 'faults', {
      fault: 'openai moderation',
      times: 1,
      prompt_contains: '<refused>',
    });
    id = (await makeBatch(kiln, file, { on_invalid_rows: 'skip' })).id;
    await reached(kiln, id);
  });

  test('has a row for each record, with its picture or its error', async () => {
    const page = await listRows(id);
    expect(briefly(page)).toEqual([
      [1, 'succeeded'],
      [2, 'invalid'],
      [4, 'failed'],
      [5, 'succeeded'],
    ]);
    expect(page).toMatchObject({ total: 4, last_row: 5, matched: 4, next_from: null });
    const [first, second, fourth] = page.data;
    expect(first).toMatchObject({
      custom_id: 'first',
      prompt: 'A small boat',
      error: null,
      images: [{ index: 0, format: 'png' }],
    });
    expect(first?.images).toEqual((await kiln.read(first?.job_id ?? '')).images);
    expect(first?.cost).toEqual((await kiln.read(first?.job_id ?? '')).cost);
    expect(second).toMatchObject({ custom_id: 'second', job_id: null, images: [] });
    expect(second?.error?.message).toContain('99x1');
    expect(fourth).toMatchObject({ custom_id: 'fourth', images: [] });
    expect(fourth?.error).toMatchObject({ code: 'content_policy' });
  });

  test('counts its rows by state and by error code', async () => {
    const { counts, data } = await listRows(id);
    expect(counts.status).toEqual({
      waiting: 0,
      queued: 0,
      in_progress: 0,
      held: 0,
      succeeded: 2,
      failed: 1,
      cancelled: 0,
      expired: 0,
      invalid: 1,
    });
    const codes = data.flatMap(({ error }) => error?.code ?? []);
    expect(counts.codes.toSorted((one, other) => one.code.localeCompare(other.code))).toEqual(
      codes.toSorted().map((code) => ({ code, count: 1 })),
    );
  });

  test.each([
    [{ from: 2 }, [2, 4, 5], 4],
    [{ from: 6 }, [], 4],
    [{ status: 'succeeded' }, [1, 5], 2],
    [{ status: 'failed,invalid' }, [2, 4], 2],
    [{ status: 'waiting' }, [], 0],
    [{ code: 'content_policy' }, [4], 1],
    [{ code: 'content_policy', status: 'failed' }, [4], null],
    [{ code: 'nothing_like_it' }, [], 0],
    [{ q: 'at dawn' }, [5], null],
    [{ q: '100%' }, [5], null],
    [{ q: 'SECOND' }, [2], null],
    [{ q: 'boat', status: 'failed' }, [4], null],
  ] as const)('%j finds the rows %j', async (query, rows, matched) => {
    const page = await listRows(id, query);
    expect(page.data.map(({ row }) => row)).toEqual(rows);
    expect(page).toMatchObject({ matched, total: 4, next_from: null, has_more: false });
  });

  test('takes a repeated status', async () => {
    const response = await kiln.request(`/v1/batches/${id}/rows?status=failed&status=succeeded`);
    const rows = batchRowsSchema.parse(await response.json());
    expect(rows.data.map(({ row }) => row)).toEqual([1, 4, 5]);
  });

  test.each([
    ['from=0', 'from'],
    ['from=x', 'from'],
    ['from=2147483648', 'from'],
    ['limit=201', 'limit'],
    ['status=asleep', 'status'],
    ['code=', 'code'],
    [`q=${'x'.repeat(201)}`, 'q'],
    ['row=1', 'row'],
  ])('refuses %s by its name', async (query, param) => {
    const response = await kiln.request(`/v1/batches/${id}/rows?${query}`);
    expect(await readError(response)).toMatchObject({ status: 400, param });
  });

  test('an unknown batch has no rows', async () => {
    const response = await kiln.request('/v1/batches/batch_none/rows');
    expect(await readError(response)).toMatchObject({ status: 404, code: 'batch_not_found' });
  });

  test('a deleted job leaves its row, without what it asked for', async () => {
    const made = await makeBatch(kiln, rowsOf(2));
    await reached(kiln, made.id);
    const [row] = (await listRows(made.id)).data;
    await kiln.request(`/v1/jobs/${row?.job_id ?? ''}`, { method: 'DELETE' });
    expect((await listRows(made.id)).data[0]).toMatchObject({
      row: 1,
      status: 'succeeded',
      job_id: null,
      prompt: null,
      images: [],
      error: { code: 'job_deleted' },
    });
  });
});

test('a refused file lists its mistakes by row', async () => {
  const { id } = await makeBatch(kiln, 'prompt,size,n\nA,auto,1\nB,99x1,77\nC,99x1,1\n');
  await reached(kiln, id, ['failed']);
  const page = await listRows(id);
  expect(briefly(page)).toEqual([
    [2, 'invalid'],
    [3, 'invalid'],
  ]);
  expect(page).toMatchObject({ total: null, matched: 2, counts: { status: { invalid: 2 } } });
  expect(briefly(await listRows(id, { from: 3 }))).toEqual([[3, 'invalid']]);
  expect((await listRows(id, { status: 'succeeded' })).data).toEqual([]);
});

test('a search goes through a large batch, and a jump reads only its rows', async () => {
  const { data } = (await (await kiln.request('/v1/pools')).json()) as { data: { name: string }[] };
  const pool = data[0]?.name ?? '';
  await kiln.request(`/v1/pools/${pool}/pause`, { method: 'POST' });
  const made = await makeBatch(
    kiln,
    rowsOf(5_300, (row) => (row % 2_600 === 0 ? `A rare heron ${row}` : `A small boat ${row}`)),
  );
  const hasLastJob = async () =>
    typeof (await listRows(made.id, { from: 5_300 })).data[0]?.job_id === 'string';
  await waitFor(hasLastJob, { what: 'every row to have a job' });
  const jump = await listRows(made.id, { from: 5_000, limit: 200 });
  expect(jump.data.map(({ row }) => row)).toEqual(
    Array.from({ length: 200 }, (_, index) => 5_000 + index),
  );
  expect(jump).toMatchObject({ total: 5_300, next_from: 5_200 });
  expect(jump.data[0]?.prompt).toBe('A small boat 5000');
  const herons = await searchRows(made.id, { q: 'rare HERON', limit: 1 });
  expect(herons.map(({ row }) => row)).toEqual([2_600, 5_200]);
  await act(kiln, made.id, 'cancel');
  await reached(kiln, made.id);
  await kiln.request(`/v1/pools/${pool}/resume`, { method: 'POST' });
});
