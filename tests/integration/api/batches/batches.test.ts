/** Batches from their file to their pictures, on both queue engines. */
import { createHash } from 'node:crypto';
import { expireJobs } from '@kiln/shared/records/jobs/expiry';
import type { Batch } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { enginesOf } from '../../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { unzip } from '../../../support/unzip.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  act,
  makeBatch,
  reached,
  readBatch,
  readLines,
  rowsOf,
  sample,
} from './batches-support.ts';
import { noJobUnderWay, readError } from '../support.ts';

interface Line {
  id: string;
  custom_id: string;
  response: { status_code: number; body: { data: { url?: string; b64_json?: string }[] } } | null;
  error: { code: string; message: string } | null;
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Counts the jobs of a batch and their cost anew, to compare them with the record of the batch. */
async function recount(kiln: TestKiln, id: string) {
  const { rows } = await kiln.deps.records.pool.query(
    `select b.completed_count - count(*) filter (where j.status = 'succeeded') as completed,
       b.failed_count - count(*) filter (where j.status = 'failed') as failed,
       b.cancelled_count - count(*) filter (where j.status = 'cancelled') as cancelled,
       b.expired_count - count(*) filter (where j.status = 'expired') as expired,
       b.cost_actual_micros - coalesce(sum(j.cost_actual_micros), 0)::bigint as actual,
       b.cost_at_risk_micros - sum(j.cost_at_risk_micros)::bigint as at_risk,
       b.total_count - count(*) as total
     from kiln.batches b join kiln.jobs j on j.batch_id = b.id where b.id = $1 group by b.id`,
    [id],
  );
  return rows[0] as Record<string, number>;
}

const even = { completed: 0, failed: 0, cancelled: 0, expired: 0, actual: 0, at_risk: 0, total: 0 };

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({ engine });
  });
  const promptsAtProvider = async () => {
    const { entries } = await kiln.control<{ entries: { prompt_sha256: string }[] }>(
      'GET',
      'ledger',
    );
    return entries.map((entry) => entry.prompt_sha256);
  };
  /** Calls wait at the provider until the test releases them. */
  const holdCalls = async (isHeld: boolean) => {
    await kiln.control('PATCH', 'settings', { gate: isHeld });
  };

  test('a CSV file becomes pictures, and a file of them', async () => {
    const made = await makeBatch(kiln, await sample('products-utf8.csv'));
    expect(made).toMatchObject({
      object: 'batch',
      status: 'validating',
      completion_window: '24h',
      errors: null,
    });
    const batch = await reached(kiln, made.id);
    expect(batch).toMatchObject({
      status: 'completed',
      request_counts: { total: 5, completed: 5, failed: 0, cancelled: 0, in_queue: 0 },
      reading: { format: 'csv', encoding: 'utf-8', delimiter: ',' },
      error_file_id: null,
      eta_seconds: null,
    });
    expect(batch.cost.estimated).toBeGreaterThan(0);
    const lines = await readLines<Line>(kiln, batch.output_file_id);
    expect(lines.map((line) => line.custom_id)).toEqual([
      'hero-1',
      'hero-2',
      'icon-1',
      'jp-1',
      'jp-2',
    ]);
    for (const { id, response, error } of lines) {
      expect([id.startsWith('batch_req_'), response?.status_code, error]).toEqual([
        true,
        200,
        null,
      ]);
      const url = response?.body.data[0]?.url ?? '';
      expect(url).toMatch(kiln.url);
      expect((await fetch(url)).status).toBe(200);
    }
    expect(await recount(kiln, batch.id)).toEqual(even);
    const jobs = (await (await kiln.request(`/v1/batches/${batch.id}/jobs?limit=2`)).json()) as {
      data: Job[];
      has_more: boolean;
    };
    expect(jobs).toMatchObject({
      has_more: true,
      data: [{ batch_id: batch.id, priority: 'bulk' }, {}],
    });
  });

  test.each([
    ['products-utf8-bom.csv', 'utf-8'],
    ['products-utf16le.csv', 'utf-16le'],
    ['products-cp932.csv', 'shift_jis'],
    ['products-semicolon.csv', 'utf-8'],
  ])('%s arrives at the provider with its Japanese intact', async (name, encoding) => {
    await kiln.control('DELETE', 'ledger');
    const made = await makeBatch(kiln, await sample(name));
    const batch = await reached(kiln, made.id);
    expect(batch).toMatchObject({ status: 'completed', reading: { encoding } });
    const prompts = await promptsAtProvider();
    expect(prompts).toContain(sha256('F1レーサーを躍動感あるように描いて。水彩画風に。'));
    expect(prompts).toContain(sha256('髙島屋の包装紙のような薔薇の模様、①番の色見本'));
  });

  test('a file with mistakes is refused with all of them, and costs nothing', async () => {
    await kiln.control('DELETE', 'ledger');
    const made = await makeBatch(kiln, await sample('invalid-rows.csv'));
    const batch = await reached(kiln, made.id);
    expect(batch).toMatchObject({ status: 'failed', output_file_id: null, error_file_id: null });
    expect(batch.errors?.data.map(({ line, param, code }) => [line, param, code])).toEqual([
      [2, 'prompt', 'missing_required_parameter'],
      [3, 'size', 'unsupported_parameter'],
      [4, 'quality', 'invalid_value'],
      [5, 'output_format', 'unsupported_parameter'],
      [6, 'output_compression', 'unsupported_parameter'],
      [7, 'n', 'invalid_value'],
      [8, 'custom_id', 'duplicate_custom_id'],
    ]);
    expect(batch.errors?.total).toBe(7);
    expect(await promptsAtProvider()).toEqual([]);
    const { rows } = await kiln.deps.records.pool.query(
      'select 1 from kiln.jobs where batch_id = $1',
      [made.id],
    );
    expect(rows).toEqual([]);
  });

  test('each of 500 rows becomes a picture or a failure under faults of every kind', async () => {
    const filter = { fault: 'azure filter, snake case', prompt_contains: 'forbidden', times: null };
    const others = ['server error', 'reset', 'gateway timeout'];
    // A third answer of the same shape would pause the deployment.
    const shapes = ['cut base64', 'page instead of JSON'];
    for (const order of [
      filter,
      ...others.map((fault) => ({ fault, times: 4 })),
      ...shapes.map((fault) => ({ fault, times: 2 })),
    ])
      await kiln.control('POST', 'faults', order);
    const isBad = (row: number) => row % 10 === 3;
    const made = await makeBatch(
      kiln,
      `${rowsOf(500, (row) => (isBad(row) ? `forbidden ${row}` : `A boat ${row}`))}id-501,\n`,
      { on_invalid_rows: 'skip', response_format: 'b64_json' },
    );
    const batch = await reached(kiln, made.id);
    const { total, completed, failed, cancelled, in_queue: waiting } = batch.request_counts;
    expect([batch.status, total, completed + failed, cancelled, waiting]).toEqual([
      'completed',
      501,
      501,
      0,
      0,
    ]);
    expect(failed).toBeGreaterThanOrEqual(51);
    expect(batch.cost.at_risk).toBeGreaterThan(0);
    expect(await recount(kiln, batch.id)).toEqual(even);
    const output = await readLines<Line>(kiln, batch.output_file_id);
    const errors = await readLines<Line>(kiln, batch.error_file_id);
    expect([output.length, errors.length]).toEqual([completed, failed]);
    const picture = Buffer.from(output[0]?.response?.body.data[0]?.b64_json ?? '', 'base64');
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    const refused = (code: string) => ({
      response: { status_code: 400, body: { error: { code } } },
      error: null,
    });
    const bad = errors.find((line) => line.custom_id === 'id-3');
    expect(bad).toMatchObject(refused('moderation_blocked'));
    expect(errors.at(-1)).toMatchObject(refused('missing_required_parameter'));

    const zip = await (await kiln.request(`/v1/batches/${batch.id}/archive.zip`)).arrayBuffer();
    const pictures = output.map((line) => `${line.custom_id}.png`);
    expect([...unzip(Buffer.from(zip)).keys()].toSorted()).toEqual(
      [...pictures, 'manifest.csv'].toSorted(),
    );

    const text = await (await kiln.request(`/v1/batches/${batch.id}/failed.csv`)).text();
    expect(text.split('\r\n')[0]).toBe('custom_id,prompt,error_code,error');
    expect(text).toMatch(/\nid-3,forbidden 3,content_policy,/);
    await kiln.control('DELETE', 'faults');
    const mended = text
      .replaceAll('forbidden', 'mended')
      .replace('id-501,,', 'id-501,A late boat,');
    const rest = await reached(kiln, (await makeBatch(kiln, mended)).id);
    expect(rest).toMatchObject({
      status: 'completed',
      request_counts: { total: failed, completed: failed },
    });
    const ids = [...output, ...(await readLines<Line>(kiln, rest.output_file_id))].map(
      (line) => line.custom_id,
    );
    expect(new Set(ids).size).toBe(501);
  });

  test('retry queues the failed jobs again, and no others', async () => {
    await kiln.control('DELETE', 'ledger');
    await kiln.control('POST', 'faults', {
      fault: 'azure filter, snake case',
      prompt_contains: 'once',
      times: 2,
    });
    const made = await makeBatch(
      kiln,
      rowsOf(6, (row) => (row < 3 ? `once ${row}` : `A boat ${row}`)),
    );
    const first = await reached(kiln, made.id);
    expect(first.request_counts).toMatchObject({ total: 6, completed: 4, failed: 2 });
    expect(await act(kiln, made.id, 'retry')).toMatchObject({
      status: 'in_progress',
      completed_at: null,
    });
    const second = await reached(kiln, made.id);
    expect(second).toMatchObject({
      status: 'completed',
      request_counts: { completed: 6, failed: 0 },
    });
    expect([second.error_file_id, second.output_file_id === first.output_file_id]).toEqual([
      null,
      false,
    ]);
    expect(await promptsAtProvider()).toHaveLength(8);
    const again = await readError(
      await kiln.request(`/v1/batches/${made.id}/retry`, { method: 'POST' }),
    );
    expect(again).toMatchObject({ status: 409, code: 'batch_not_retryable' });
  });

  test('retrying a single job takes its batch back to in_progress', async () => {
    await kiln.control('POST', 'faults', {
      fault: 'azure filter, snake case',
      prompt_contains: 'single',
      times: 1,
    });
    const made = await makeBatch(
      kiln,
      rowsOf(2, (row) => (row === 1 ? 'single' : 'A boat')),
    );
    const first = await reached(kiln, made.id);
    expect(first.request_counts).toMatchObject({ completed: 1, failed: 1 });
    const page = (await (
      await kiln.request(`/v1/batches/${made.id}/jobs?status=failed`)
    ).json()) as {
      data: Job[];
    };
    await kiln.request(`/v1/jobs/${page.data[0]!.id}/retry`, { method: 'POST' });
    const second = await waitFor(
      async () =>
        ((batch: Batch) =>
          batch.status === 'completed' && batch.request_counts.completed === 2 && batch)(
          await readBatch(kiln, made.id),
        ),
      { what: 'the batch to be completed again' },
    );
    expect(await readLines(kiln, second.output_file_id)).toHaveLength(2);
  });

  test('a paused batch starts no more jobs, and continues when it is resumed', async () => {
    await kiln.control('DELETE', 'ledger');
    await holdCalls(true);
    const made = await makeBatch(kiln, rowsOf(400));
    await kiln.control('GET', 'ledger?min_calls=1&wait_ms=250000');
    expect((await act(kiln, made.id, 'pause')).paused_at).not.toBeNull();
    const pool = kiln.deps.records.pool;
    await waitFor(
      async () => {
        const { rows } = await pool.query<{ moving: string | null; waiting: number }>(
          `select moving, (select count(*)::int from kiln.jobs
             where batch_id = b.id and status = 'queued' and not parked) as waiting
           from kiln.batches b where id = $1 and ingested_row = last_row`,
          [made.id],
        );
        return rows[0]?.moving === null && rows[0].waiting === 0;
      },
      { what: 'its jobs to be parked' },
    );
    await holdCalls(false);
    await noneInProgress(made.id);
    const paused = await readBatch(kiln, made.id);
    const calls = (await promptsAtProvider()).length;
    expect(paused).toMatchObject({ status: 'in_progress', request_counts: { completed: calls } });
    // Other jobs are not held up.
    await kiln.ended((await kiln.submit()).id);
    expect((await readBatch(kiln, made.id)).request_counts.completed).toBe(calls);
    expect((await act(kiln, made.id, 'resume')).paused_at).toBeNull();
    expect((await reached(kiln, made.id)).request_counts.completed).toBe(400);
    const ended = await readError(
      await kiln.request(`/v1/batches/${made.id}/pause`, { method: 'POST' }),
    );
    expect(ended).toMatchObject({ status: 409, code: 'batch_not_pausable' });
  });

  const noneInProgress = (id: string) =>
    waitFor(
      async () => {
        const { rows } = await kiln.deps.records.pool.query(
          `select 1 from kiln.jobs where batch_id = $1 and status = 'in_progress'`,
          [id],
        );
        return rows.length === 0;
      },
      { what: 'its calls to end' },
    );

  test('cancelling lets running calls finish and makes no others', async () => {
    await kiln.control('DELETE', 'ledger');
    await holdCalls(true);
    const made = await makeBatch(kiln, rowsOf(3_000));
    await kiln.control('GET', 'ledger?min_calls=1&wait_ms=250000');
    expect((await act(kiln, made.id, 'cancel')).status).toMatch(/^cancell/);
    await holdCalls(false);
    const batch = await reached(kiln, made.id);
    const { total, completed, failed, cancelled, in_queue: waiting } = batch.request_counts;
    expect([batch.status, total, completed + failed + cancelled, waiting]).toEqual([
      'cancelled',
      3_000,
      3_000,
      0,
    ]);
    expect(completed).toBe((await promptsAtProvider()).length);
    const lines = [
      ...(await readLines<Line>(kiln, batch.output_file_id)),
      ...(await readLines<Line>(kiln, batch.error_file_id)),
    ];
    expect(new Set(lines.map((line) => line.custom_id)).size).toBe(3_000);
    expect((await act(kiln, made.id, 'cancel')).status).toBe('cancelled');
    await noJobUnderWay(kiln);
  });

  test('cancelling a paused batch leaves no job waiting', async () => {
    await kiln.request('/v1/pools/default/pause', { method: 'POST' });
    const made = await makeBatch(kiln, rowsOf(30));
    await reached(kiln, made.id, ['in_progress']);
    await act(kiln, made.id, 'pause');
    await act(kiln, made.id, 'cancel');
    const batch = await reached(kiln, made.id);
    expect(batch).toMatchObject({
      status: 'cancelled',
      paused_at: null,
      request_counts: { total: 30, completed: 0, cancelled: 30 },
    });
    await kiln.request('/v1/pools/default/resume', { method: 'POST' });
    await noJobUnderWay(kiln);
  });

  test('a deadline expires jobs that have not started', async () => {
    const deadline = Math.floor(Date.now() / 1000) + 3_600;
    await kiln.request('/v1/pools/default/pause', { method: 'POST' });
    const made = await makeBatch(kiln, rowsOf(5), { deadline: String(deadline) });
    expect(made.expires_at).toBe(deadline);
    const { pool, db } = kiln.deps.records;
    const lapse = `update kiln.jobs set expires_at = now() - interval '1 second'
      where batch_id = $1 and expires_at = to_timestamp($2)`;
    await waitFor(
      async () => {
        await pool.query(lapse, [made.id, deadline]);
        await expireJobs(db, 100);
        return (await readBatch(kiln, made.id)).status === 'expired';
      },
      { what: 'the batch to expire' },
    );
    await kiln.request('/v1/pools/default/resume', { method: 'POST' });
    const batch = await readBatch(kiln, made.id);
    expect(batch).toMatchObject({
      request_counts: { total: 5, completed: 0, failed: 5, in_queue: 0 },
      output_file_id: null,
    });
    expect(batch.expired_at).not.toBeNull();
    const lines = await readLines<Line>(kiln, batch.error_file_id);
    expect(lines.map(({ error }) => error?.code)).toEqual(Array(5).fill('batch_expired'));
    // Retried jobs have no deadline any more.
    await act(kiln, made.id, 'retry');
    expect(await reached(kiln, made.id)).toMatchObject({
      status: 'completed',
      request_counts: { completed: 5 },
    });
  });
});
