/** Cancels jobs in each of their states, and reads their attempts. */
import { listSchema } from '@kiln/shared/schemas/api';
import { attemptSchema } from '@kiln/shared/schemas/job';
import { afterEach, describe, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import {
  callsUnderWay,
  engineNamed,
  jobIs,
  noJobUnderWay,
  readError,
  readJob,
  type LedgerView,
} from '../support.ts';

// Space heartbeats widely, so that a forced cancel reaches the call before the next heartbeat.
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_UNKNOWN_OUTCOME: 'hold', KILN_LEASE_MS: '600000' },
});
/** A Kiln without workers, so that its jobs are never dispatched. */
const idle = await startKiln({ engine: engineNamed('postgres'), workers: false });

afterEach(async () => {
  await kiln.control('PATCH', 'settings', { gate: false });
  await noJobUnderWay(kiln);
  await kiln.control('DELETE', 'faults');
});

function cancel(id: string, body?: unknown, url = kiln.url): Promise<Response> {
  const path = `${url}/v1/jobs/${id}/cancel`;
  return body === undefined ? fetch(path, { method: 'POST' }) : postJson(path, body);
}

/** Without those whose start was missed, as happens on a busy machine: nothing was sent. */
async function attemptsOf(id: string) {
  const response = await kiln.request(`/v1/jobs/${id}/attempts`);
  expect(response.status).toBe(200);
  const list = listSchema(attemptSchema).parse(await response.json());
  return { ...list, data: list.data.filter(({ error }) => error?.code !== 'start_missed') };
}

/** Submits a job and waits until its call is under way, held by the simulator. */
async function startCall(): Promise<string> {
  await kiln.control('PATCH', 'settings', { gate: true });
  const { id } = await kiln.submit({ quality: 'low', size: '1024x1024' });
  await callsUnderWay(kiln, 1);
  return id;
}

async function callsFor(id: string) {
  const { entries } = await kiln.control<LedgerView>('GET', 'ledger');
  return entries.filter((entry) => entry.kiln_job_id === id);
}

describe('a queued job', () => {
  test.each([
    ['no body', undefined],
    ['an empty object', {}],
    ['null', null],
    ['force', { force: true }],
  ])('is cancelled at once: %s', async (_what, body) => {
    const { id } = await idle.submit();
    const response = await cancel(id, body, idle.url);
    expect(response.status).toBe(200);
    const job = await readJob(response);
    expect(job).toMatchObject({
      id,
      status: 'cancelled',
      queue: null,
      images: [],
      attempts: { made: 0 },
    });
    expect(job.finished_at).not.toBeNull();
    expect(job.cancel_requested_at).not.toBeNull();
    expect(await idle.read(id)).toEqual(job);
  });

  test('is never sent to the provider', async () => {
    const { id } = await idle.submit();
    await cancel(id, undefined, idle.url);
    const worker = await idle.startWorkers();
    const last = await idle.submit();
    await idle.ended(last.id);
    await worker.close();
    const { entries } = await idle.control<LedgerView>('GET', 'ledger');
    expect(entries.map((entry) => entry.kiln_job_id)).not.toContain(id);
  });

  test('can be cancelled twice', async () => {
    const { id } = await idle.submit();
    const first = await readJob(await cancel(id, undefined, idle.url));
    const second = await cancel(id, undefined, idle.url);
    expect(second.status).toBe(200);
    expect(await readJob(second)).toEqual(first);
  });
});

describe('a job whose call is under way', () => {
  test('finishes the call and keeps its pictures', async () => {
    const id = await startCall();
    const asked = await readJob(await cancel(id));
    expect(asked).toMatchObject({ status: 'in_progress', finished_at: null });
    expect(asked.cancel_requested_at).not.toBeNull();

    await kiln.control('POST', 'release');
    const job = await kiln.ended(id);
    expect(job).toMatchObject({
      status: 'succeeded',
      cancel_requested_at: asked.cancel_requested_at,
    });
    expect(job.images).toHaveLength(1);
    expect((await fetch(job.images[0]?.url ?? '')).status).toBe(200);
    expect(await callsFor(id)).toMatchObject([{ paid: true, client_gone: false }]);
  });

  test('keeps the time of the first cancel request', async () => {
    const id = await startCall();
    const first = await readJob(await cancel(id));
    const second = await readJob(await cancel(id));
    expect(second.cancel_requested_at).toBe(first.cancel_requested_at);
    await kiln.control('POST', 'release');
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
  });

  test('is aborted by force, and its call counts as money at risk', async () => {
    const id = await startCall();
    const estimated = (await kiln.read(id)).cost.estimated ?? 0;
    expect(estimated).toBeGreaterThan(0);
    expect((await cancel(id, { force: true })).status).toBe(200);
    // The simulator still holds its answer, so only the abort can have ended the job.
    const job = await kiln.ended(id);
    expect(job).toMatchObject({ status: 'cancelled', images: [], attempts: { made: 1 } });
    expect(job.cost).toMatchObject({ actual: null, at_risk: estimated });
    const { data } = await attemptsOf(id);
    expect(data).toMatchObject([{ status: 'unknown', cost: { at_risk: estimated } }]);

    await kiln.control('PATCH', 'settings', { gate: false });
    await callsUnderWay(kiln, 0);
    expect(await callsFor(id)).toMatchObject([{ client_gone: true }]);
    expect((await kiln.read(id)).status).toBe('cancelled');
  });

  test('can be cancelled first and forced afterwards', async () => {
    const id = await startCall();
    await cancel(id);
    await cancel(id, { force: true });
    expect(await kiln.ended(id)).toMatchObject({ status: 'cancelled' });
  });
});

test('a held job is cancelled, and its money at risk stays counted', async () => {
  await kiln.control('POST', 'faults', { fault: 'close' });
  const { id } = await kiln.submit({ quality: 'low' });
  const held = await jobIs(kiln, id, 'held');
  expect(held.cost.at_risk).toBeGreaterThan(0);
  const job = await readJob(await cancel(id));
  expect(job).toMatchObject({ status: 'cancelled', cost: { at_risk: held.cost.at_risk } });
});

describe('a job that has ended', () => {
  test.each([
    ['succeeded', null],
    ['failed', 'openai moderation'],
  ])('%s stays what it is: 409, not to be repeated', async (status, fault) => {
    if (fault !== null) await kiln.control('POST', 'faults', { fault });
    const { id } = await kiln.submit();
    const before = await kiln.ended(id);
    expect(before.status).toBe(status);
    for (const body of [undefined, { force: true }]) {
      const response = await cancel(id, body);
      expect(response.headers.get('x-should-retry')).toBe('false');
      const error = await readError(response);
      expect(error).toMatchObject({
        status: 409,
        code: 'job_not_cancellable',
        type: 'invalid_request_error',
      });
      expect(error.message).toBe(`${id} has already ended: its status is ${status}`);
    }
    // The ThumbHash of a picture may be made meanwhile.
    const images = before.images.map(({ thumbhash: _made, ...image }) => image);
    expect(await kiln.read(id)).toMatchObject({ ...before, images });
  });
});

describe('a refused cancel', () => {
  test('a job that does not exist', async () => {
    expect(await readError(await cancel('job_nowhere'))).toMatchObject({
      status: 404,
      code: 'job_not_found',
      param: 'id',
    });
  });

  test.each<[object, string, string]>([
    [{ force: 'yes' }, 'invalid_request', 'force'],
    [{ forced: true }, 'unknown_parameter', 'forced'],
  ])('%o', async (body, code, param) => {
    const { id } = await idle.submit();
    expect(await readError(await cancel(id, body, idle.url))).toMatchObject({
      status: 400,
      code,
      param,
    });
    expect((await idle.read(id)).status).toBe('queued');
  });
});

describe('the list of attempts', () => {
  test('of a succeeded job has one, with the provider’s answer', async () => {
    const { id } = await kiln.submit();
    const job = await kiln.ended(id);
    const list = await attemptsOf(id);
    expect(list.data).toHaveLength(1);
    const [attempt] = list.data;
    const number = attempt?.number;
    expect(list).toMatchObject({
      object: 'list',
      has_more: false,
      first_id: `${id}-1`,
      last_id: `${id}-${number}`,
    });
    expect(attempt).toMatchObject({
      id: `${id}-${number}`,
      job_id: id,
      status: 'succeeded',
      http_status: 200,
      error: null,
      deployment: 'simulator',
      pool: 'default',
      usage: job.usage,
      cost: {
        actual: job.cost.actual,
        at_risk: 0,
      },
    });
    expect(attempt?.provider_request_id).toMatch(/^req_/);
    expect(attempt?.finished_at).not.toBeNull();
    expect(job.cost.actual).toBeGreaterThan(0);
  });

  test('of a repeated job has the oldest first, each with its fault', async () => {
    await kiln.control('POST', 'faults', { fault: 'no data' });
    const { id } = await kiln.submit();
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded', attempts: { made: 2 } });
    const { data } = await attemptsOf(id);
    expect(data).toMatchObject([
      { status: 'unusable', http_status: 200, error: { code: 'unusable_answer' } },
      { status: 'succeeded', error: null },
    ]);
    expect(data[1]?.number).toBeGreaterThan(data[0]?.number ?? 0);
  });

  test('of a content refusal has its stage and categories', async () => {
    await kiln.control('POST', 'faults', { fault: 'openai moderation' });
    const { id } = await kiln.submit();
    const job = await kiln.ended(id);
    expect(job.error).toMatchObject({
      code: 'content_policy',
      moderation: { stage: 'output', categories: ['violence'] },
    });
    expect((await attemptsOf(id)).data).toMatchObject([
      { status: 'rejected', http_status: 400, error: job.error },
    ]);
  });

  test('of a queued job is empty', async () => {
    const { id } = await idle.submit();
    const response = await idle.request(`/v1/jobs/${id}/attempts`);
    expect(await response.json()).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });
});
