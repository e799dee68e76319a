/**
 * Work on a batch ends when its caller hangs up, when the batch is cancelled or paused, at a stop.
 */
import { Readable } from 'node:stream';
import { findBatchById, listBatchesToAdvance } from '@kiln/shared/records/batches/batches';
import { createRefusedClaims } from '@kiln/shared/services/refused-claims';
import { advanceBatch } from '@kiln/shared/services/batches/work/advance';
import { manifestLines } from '@kiln/shared/services/batches/output/manifest';
import { picturesOfBatch } from '@kiln/shared/services/batches/output/picture-list';
import type { BatchWorkDeps } from '@kiln/shared/services/batches/work/batch-work';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed, readError } from '../support.ts';
import { act, makeBatch, reached, readBatch, rowsOf, send } from './batches-support.ts';

/** A store whose objects begin and then send nothing more, and the streams that it has opened. */
function stall(store: ObjectStore, first: string) {
  const opened: Readable[] = [];
  const get: ObjectStore['get'] = async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push(first);
    opened.push(stream);
    return { stream, size: 1_000_000 };
  };
  return { store: { ...store, get }, opened, get };
}

const openedBy = (opened: readonly Readable[], count: number) =>
  waitFor(() => opened.filter(({ destroyed }) => !destroyed).length >= count, {
    what: 'the file to be opened',
  });

let kiln: TestKiln;
beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
});

describe('a caller that hangs up', () => {
  const get = () => kiln.deps.store.get;
  let real: ObjectStore['get'];
  beforeAll(() => {
    real = get();
  });
  afterEach(() => {
    kiln.deps.store.get = real;
  });

  test('ends its validation; two run at a time, and the next is refused', async () => {
    const { get: stalled, opened } = stall(kiln.deps.store, `prompt\n${'A boat\n'.repeat(20_000)}`);
    kiln.deps.store.get = stalled;
    const callers = [new AbortController(), new AbortController()];
    const calls = callers.map(({ signal }) =>
      kiln.request('/v1/batches/validate', {
        method: 'POST',
        body: rowsOf(1),
        headers: { 'content-type': 'text/csv' },
        signal,
      }),
    );
    await openedBy(opened, 2);
    const third = await send(kiln, rowsOf(1), {}, {}, '/v1/batches/validate');
    expect(third.headers.get('retry-after')).toBe('2');
    expect(await readError(third)).toMatchObject({ status: 503, code: 'validations_busy' });
    for (const caller of callers) caller.abort();
    await Promise.allSettled(calls);
    await waitFor(() => opened.every(({ destroyed }) => destroyed), {
      what: 'the readings to end',
    });
    kiln.deps.store.get = real;
    const response = await waitFor(
      async () =>
        ((found) => found.ok && found)(await send(kiln, rowsOf(1), {}, {}, '/v1/batches/validate')),
      { what: 'a slot to be free' },
    );
    expect(await response.json()).toMatchObject({ valid: 1 });
  });

  test.each([
    ['failed.csv', 'manifest.csv', 'tables_busy'],
    ['archive.zip', 'archive.zip', 'archives_busy'],
  ])('gives back its slot for %s', async (path, next, code) => {
    const { id } = await makeBatch(kiln, rowsOf(1));
    const { pool } = kiln.deps.records;
    if (path === 'failed.csv')
      await pool.query(`update kiln.batches set status = 'failed' where id = $1`, [id]);
    else await addPicture(id);
    const { get: stalled, opened } = stall(kiln.deps.store, 'prompt\n');
    kiln.deps.store.get = stalled;
    const callers = [new AbortController(), new AbortController()];
    const calls = callers.map(({ signal }) =>
      kiln.request(`/v1/batches/${id}/${path}`, { signal }).then((answer) => answer.text()),
    );
    await openedBy(opened, 2);
    const third = await kiln.request(`/v1/batches/${id}/${next}`);
    expect(await readError(third)).toMatchObject({ status: 503, code });
    for (const caller of callers) caller.abort();
    await Promise.allSettled(calls);
    await waitFor(() => opened.every(({ destroyed }) => destroyed), {
      what: 'the readings to end',
    });
    kiln.deps.store.get = real;
    const head = () => kiln.request(`/v1/batches/${id}/${next}`, { method: 'HEAD' });
    await waitFor(async () => (await head()).ok, { what: 'a slot to be free' });
  });

  test('ends its manifest within a page of rows', async () => {
    const { id } = await makeBatch(kiln, rowsOf(5));
    const { pool, db } = kiln.deps.records;
    await pool.query(
      `insert into kiln.jobs (id, project_id, batch_id, row_number, status, endpoint, model, route,
         request, metadata, warnings, priority, fair_tag, max_attempts, request_id, n)
       select 'job_' || row || $1, project_id, id, row, 'failed', endpoint, 'gpt-image-2',
         'default', '{"prompt": "a"}', '{}', '[]', 1, 0, 1, request_id, 1
       from kiln.batches, generate_series(1, 5) as row where id = $1`,
      [id],
    );
    const batch = (await findBatchById(db, id))!;
    let taken = 0;
    const breaks = {
      isDue: () => true,
      async take() {
        taken += 1;
        if (taken > 2) await Promise.reject(new Error('the caller has gone'));
      },
    };
    const lines = manifestLines(db, picturesOfBatch(db, batch), { withMark: false, breaks });
    expect((await lines.next()).value).toMatch(/^row,/);
    await expect(lines.next()).rejects.toThrow('the caller has gone');
    expect(taken).toBe(3);
  });

  /** A job of the batch with a picture that the store has not sent yet. */
  async function addPicture(id: string): Promise<void> {
    const { pool } = kiln.deps.records;
    await pool.query(
      `insert into kiln.jobs (id, project_id, batch_id, row_number, status, endpoint, model, route,
         request, metadata, warnings, priority, fair_tag, max_attempts, request_id, n)
       select 'job_' || $1, project_id, id, 1, 'succeeded', endpoint, 'gpt-image-2', 'default',
         '{"prompt": "a"}', '{}', '[]', 1, 0, 1, request_id, 1 from kiln.batches where id = $1`,
      [id],
    );
    await pool.query(
      `insert into kiln.images (project_id, attempt_no, job_id, index, object_key, format, width,
         height, bytes, sha256)
       values ('default', 1, 'job_' || $1, 0, 'images/1', 'png', 1, 1, 1000, 'x')`,
      [id],
    );
  }
});

describe('a worker that reads the file of a batch', () => {
  function workOn(store: ObjectStore, stopping = new AbortController().signal): BatchWorkDeps {
    const { config, routes, log, records, tokenMemory, dispatcher } = kiln.deps;
    const refusedClaims = createRefusedClaims();
    const shared = { config, routes, log, tokenMemory, dispatcher, refusedClaims };
    return { ...shared, store, stopping, db: records.db };
  }
  const stalledAt = (text: string) => stall(kiln.deps.store, text);
  const isToAdvance = async (id: string) =>
    (await listBatchesToAdvance(kiln.deps.records.db)).some((item) => item.id === id);

  test('ends when the batch is cancelled', async () => {
    const { id } = await makeBatch(kiln, rowsOf(2));
    const { store, opened } = stalledAt('custom_id,prompt\n');
    const advancing = advanceBatch(workOn(store), id);
    await openedBy(opened, 1);
    await act(kiln, id, 'cancel');
    expect(await advancing).toEqual({ status: 'done' });
    expect((await readBatch(kiln, id)).status).toBe('cancelled');
    expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('ends when the batch is paused, and begins again when it is resumed', async () => {
    const { id } = await makeBatch(kiln, rowsOf(2));
    const { store, opened } = stalledAt('custom_id,prompt\n');
    const validating = advanceBatch(workOn(store), id);
    await openedBy(opened, 1);
    await act(kiln, id, 'pause');
    expect(await validating).toEqual({ status: 'done' });
    expect(await readBatch(kiln, id)).toMatchObject({ status: 'validating', reading: null });
    expect(await isToAdvance(id)).toBe(false);
    await act(kiln, id, 'resume');
    expect(await isToAdvance(id)).toBe(true);
    await advanceBatch(workOn(kiln.deps.store), id);
    expect((await reached(kiln, id, ['in_progress'])).request_counts.total).toBe(2);
  });

  test('ends when the process stops, and leaves the batch to another one', async () => {
    const { id } = await makeBatch(kiln, rowsOf(2));
    const { store, opened } = stalledAt('custom_id,prompt\n');
    const stopping = new AbortController();
    const advancing = advanceBatch(workOn(store, stopping.signal), id);
    await openedBy(opened, 1);
    stopping.abort();
    expect(await advancing).toEqual({ status: 'done' });
    expect((await readBatch(kiln, id)).status).toBe('validating');
    expect(await isToAdvance(id)).toBe(true);
  });
});
