/** `DELETE /v1/jobs/{id}`: what goes, what stays, and what a batch says of its deleted rows. */
import { collectGarbage } from '@kiln/shared/services/maintenance/collect-garbage';
import type { Job } from '@kiln/shared/schemas/job';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { unzip } from '../../../support/unzip.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  act,
  makeBatch,
  reached,
  readBatch,
  readLines,
  rowsOf,
} from '../batches/batches-support.ts';
import { firstEvent } from '../http/read-events.ts';
import { eventTypesOf } from '../../worker/support.ts';
import { callsUnderWay, engineNamed, noJobUnderWay, readError, type JobList } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });

afterEach(async () => {
  await kiln.control('PATCH', 'settings', { gate: false });
});

const remove = (id: string) => kiln.request(`/v1/jobs/${id}`, { method: 'DELETE' });
const keys = async () => (await kiln.deps.store.list('', { limit: 1_000 })).map(({ key }) => key);
const keysOf = async (id: string) => (await keys()).filter((key) => key.includes(id));
const eventsOf = (id: string) => eventTypesOf(kiln, id);

async function succeeded(body: Record<string, unknown> = {}): Promise<Job> {
  const { id } = await kiln.submit(body);
  return kiln.ended(id, ['succeeded']);
}

describe('a job that has ended', () => {
  test('goes with its pictures and thumbnails, and its calls stay', async () => {
    const job = await succeeded({ prompt: 'a secret place', n: 2, metadata: { who: 'me' } });
    expect((await kiln.request(`/v1/jobs/${job.id}/images/0?thumbnail`)).status).toBe(200);
    expect(await keysOf(job.id)).toHaveLength(3);

    const response = await remove(job.id);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ id: job.id, object: 'image.job', deleted: true });
    expect(await keysOf(job.id)).toEqual([]);
    const { rows } = await kiln.deps.records.pool.query(
      'select jobs::text as text, cost_actual_micros as cost from kiln.jobs where id = $1',
      [job.id],
    );
    expect(rows).toMatchObject([{ cost: (job.cost.actual ?? 0) * 1e6 }]);
    expect(JSON.stringify(rows)).not.toMatch(/secret|who/);

    for (const path of ['', '/events', '/images/0', '/images/0?thumbnail']) {
      const error = await readError(await kiln.request(`/v1/jobs/${job.id}${path}`));
      expect(error.status).toBe(404);
      expect(error.message).toMatch(/^job_\w+ was deleted at 20.*\/attempts$/);
    }
    for (const action of ['cancel', 'retry', 'resolve']) {
      const body = action === 'resolve' ? '{"action": "retry"}' : '{}';
      const headers = { 'content-type': 'application/json' };
      const answer = await kiln.request(`/v1/jobs/${job.id}/${action}`, {
        method: 'POST',
        ...(action === 'retry' ? {} : { body, headers }),
      });
      expect(await readError(answer)).toMatchObject({ status: 404, code: 'job_not_found' });
    }
    const attempts = (await (await kiln.request(`/v1/jobs/${job.id}/attempts`)).json()) as JobList;
    // A slow machine may have missed a start before.
    expect(attempts.data.at(-1)).toMatchObject({ status: 'succeeded', cost: {} });
    for (const query of ['', '?q=secret', '?status=succeeded']) {
      const list = (await (await kiln.request(`/v1/jobs${query}`)).json()) as JobList;
      expect(list.data.map(({ id }) => id)).not.toContain(job.id);
    }
  });

  test('may be deleted again, and one that never was may not', async () => {
    const job = await succeeded();
    for (let times = 0; times < 2; times += 1) expect((await remove(job.id)).status).toBe(200);
    // It is reported once.
    expect(await eventsOf(job.id)).toEqual([
      'job.created',
      'job.started',
      'job.succeeded',
      'job.deleted',
    ]);
    // Lists show an event once no earlier one can appear before it.
    const deleted = await firstEvent(kiln, `?types=job.deleted&job_id=${job.id}`);
    expect(deleted).toMatchObject({
      type: 'job.deleted',
      data: { id: job.id, status: 'succeeded', batch_id: null },
    });
    expect(await readError(await remove('job_0'))).toMatchObject({
      status: 404,
      code: 'job_not_found',
    });
  });

  test('that failed is not retried, and what its call may have left is garbage', async () => {
    await kiln.control('POST', 'faults', { fault: 'openai moderation', times: 1 });
    const { id } = await kiln.submit();
    const job = await kiln.ended(id, ['failed']);
    const attempt = { jobId: job.id, no: 1 };
    await remove(job.id);
    await kiln.deps.records.pool.query(
      `update kiln.attempts set status = 'unknown' where job_id = $1`,
      [job.id],
    );
    const key = `images/${id.slice(-2)}/${id}/${attempt.no}-0-of-1.png`;
    await kiln.deps.store.put(key, Buffer.from('x'), { contentType: 'image/png' });
    const { store, records, config, log } = kiln.deps;
    const aged = {
      ...store,
      list: async (...given: Parameters<typeof store.list>) =>
        (await store.list(...given)).map((each) => ({ ...each, modifiedAt: new Date(0) })),
    };
    const stopping = new AbortController().signal;
    await collectGarbage({ db: records.db, store: aged, config, log, stopping });
    expect(await keysOf(id)).toEqual([]);
  });
});

describe('a job that has not ended', () => {
  test('is refused while a call is under way, and deleted after a cancel by force', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const { id } = await kiln.submit();
    await callsUnderWay(kiln, 1);
    const error = await readError(await remove(id));
    expect(error).toMatchObject({ status: 409, code: 'job_not_deletable', param: 'id' });
    expect(error.message).toMatch(/is in_progress.*cancel and \{"force": true\}$/);
    expect((await kiln.read(id)).cancel_requested_at).toBeNull();
    await kiln.request(`/v1/jobs/${id}/cancel`, {
      method: 'POST',
      body: '{"force": true}',
      headers: { 'content-type': 'application/json' },
    });
    expect((await remove(id)).status).toBe(200);
    await noJobUnderWay(kiln);
  });

  test('and waits is cancelled first, so that it is never called for', async () => {
    await kiln.request('/v1/pools/default/pause', { method: 'POST' });
    const { id } = await kiln.submit({ prompt: 'never made' });
    const waiting = kiln.request(`/v1/jobs/${id}`, { headers: { prefer: 'wait=30' } });
    // A worker that knew nothing of the pause yet may hold the job for a moment.
    await waitFor(async () => (await remove(id)).status === 200, { what: 'the job to be deleted' });
    expect(await readError(await waiting)).toMatchObject({ status: 404, code: 'job_not_found' });
    expect(await eventsOf(id)).toEqual(['job.created', 'job.cancelled', 'job.deleted']);
    await kiln.request('/v1/pools/default/resume', { method: 'POST' });
    await noJobUnderWay(kiln);
    const ledger = await kiln.control<{ entries: { kiln_job_id: string }[] }>('GET', 'ledger');
    expect(ledger.entries.map((entry) => entry.kiln_job_id)).not.toContain(id);
  });
});

describe('a row of a batch', () => {
  const jobsOf = async (id: string) => {
    const list = (await (await kiln.request(`/v1/batches/${id}/jobs`)).json()) as JobList;
    return new Map(list.data.map((job) => [job.custom_id, job.id]));
  };
  const csvOf = async (path: string) =>
    parse<Record<string, string>>(await (await kiln.request(path)).text(), {
      bom: true,
      columns: true,
    });

  test('keeps its counts and costs, and its files say what is gone', async () => {
    const { id } = await makeBatch(kiln, rowsOf(3));
    const before = await reached(kiln, id);
    const gone = (await jobsOf(id)).get('id-2') ?? '';
    expect((await remove(gone)).status).toBe(200);

    const { request_counts: counts, cost, usage, status } = await readBatch(kiln, id);
    expect({ counts, cost, usage, status }).toEqual({
      counts: before.request_counts,
      cost: before.cost,
      usage: before.usage,
      status: 'completed',
    });
    expect(new Set((await jobsOf(id)).keys())).toEqual(new Set(['id-1', 'id-3']));
    const manifest = await csvOf(`/v1/batches/${id}/manifest.csv`);
    expect(
      manifest.map(({ custom_id: row, file, error_code: code, prompt }) => [
        row,
        file,
        code,
        prompt,
      ]),
    ).toEqual([
      ['id-1', 'id-1.png', '', 'A small boat 1'],
      ['id-2', '', 'job_deleted', ''],
      ['id-3', 'id-3.png', '', 'A small boat 3'],
    ]);
    const archive = await kiln.request(`/v1/batches/${id}/archive.zip`);
    const entries = unzip(Buffer.from(await archive.arrayBuffer()));
    expect([...entries.keys()]).toEqual(['id-1.png', 'id-3.png', 'manifest.csv']);
  });

  test('is not retried with its batch, and the next output files name it', async () => {
    await kiln.control('POST', 'faults', { fault: 'openai moderation', times: 2 });
    const { id } = await makeBatch(kiln, rowsOf(2));
    await reached(kiln, id);
    const jobs = await jobsOf(id);
    await remove(jobs.get('id-1') ?? '');
    expect(await csvOf(`/v1/batches/${id}/failed.csv`)).toMatchObject([{ custom_id: 'id-2' }]);
    await act(kiln, id, 'retry');
    const batch = await reached(kiln, id, ['completed']);
    expect(batch.request_counts).toMatchObject({ total: 2, completed: 1, failed: 1 });
    const output = await readLines<{ custom_id: string }>(kiln, batch.output_file_id);
    expect(output.map((line) => line.custom_id)).toEqual(['id-2']);
    const [failed] = await readLines<object>(kiln, batch.error_file_id);
    expect(failed).toMatchObject({ custom_id: 'id-1' });
    expect(JSON.stringify(failed)).toContain('job_deleted');
  });
});
