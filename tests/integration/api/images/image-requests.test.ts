/**
 * Requests that wait for their pictures: what becomes of them and of their jobs when the caller,
 * the time or the process goes.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { createLogger } from '@kiln/shared/logger';
import type { Job } from '@kiln/shared/schemas/job';
import { recordPreviewEvent } from '@kiln/shared/records/events/events';
import {
  awaitImages,
  watchImages,
  type ImageProgress,
} from '@kiln/shared/services/image-requests/await-images';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { engines } from '../../../support/engines/engines.ts';
import { postJson, startKiln, type TestKiln } from '../../../support/kiln.ts';
import { watchOpenObjects } from '../../../support/open-objects.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  callsFinished,
  callsUnderWay,
  engineNamed,
  jobIs,
  noJobUnderWay,
  readError,
  readJob,
  type JobList,
} from '../support.ts';

const path = '/v1/images/generations';

/** The latest job, once there is one for the prompt. */
function jobFor(kiln: TestKiln, prompt: string): Promise<Job> {
  return waitFor(
    async () => {
      const list = (await (
        await kiln.request(`/v1/jobs?q=${encodeURIComponent(prompt)}`)
      ).json()) as JobList;
      return list.data[0];
    },
    { what: `a job for "${prompt}"` },
  );
}

/** A caller who can go away. */
function call(url: string, body: object, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const answer = fetch(`${url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    signal: controller.signal,
  });
  answer.catch(() => undefined);
  return { answer, hangUp: () => controller.abort() };
}

/** An API on the same records that can be asked to stop. */
async function startApi(kiln: TestKiln, config: Partial<TestKiln['deps']['config']> = {}) {
  const stopping = new AbortController();
  const deps = { ...kiln.deps, config: { ...kiln.deps.config, ...config } };
  const api = createApiDeps(deps, stopping.signal);
  const app = await buildApp(api, createLogger({ name: 'second', level: 'silent' }));
  atEndOfFile(async () => {
    await app.close();
    await api.close();
  });
  return { stopping, app, url: await app.listen({ port: 0, host: '127.0.0.1' }) };
}

describe.each(engines)('a caller who hangs up, on $name', (engine) => {
  test('takes a job along that waits, and leaves one that is made', async () => {
    const kiln = await startKiln({ engine });
    await kiln.control('PATCH', 'settings', { gate: true });
    const executing = call(kiln.url, { prompt: 'executing' });
    await callsUnderWay(kiln, 1);
    const { id: executingId } = await jobFor(kiln, 'executing');
    await postJson(`${kiln.url}/v1/pools/default/pause`, undefined);
    const streamed = call(kiln.url, { prompt: 'streamed', stream: true });
    const queued = call(kiln.url, { prompt: 'queued' });
    const { id: queuedId } = await jobFor(kiln, 'queued');
    const { id: streamedId } = await jobFor(kiln, 'streamed');
    expect((await streamed.answer).headers.get('x-kiln-job-id')).toBe(streamedId);

    for (const caller of [executing, queued, streamed]) caller.hangUp();
    await jobIs(kiln, queuedId, 'cancelled');
    await jobIs(kiln, streamedId, 'cancelled');
    await waitFor(async () => (await kiln.read(executingId)).cancel_requested_at !== null, {
      what: 'the hang-up to be noticed',
    });
    expect(await kiln.read(executingId)).toMatchObject({ status: 'in_progress' });
    await kiln.control('PATCH', 'settings', { gate: false });
    const job = await jobIs(kiln, executingId, 'succeeded');
    const { entries, counters } = await callsFinished(kiln, 1);
    expect(counters).toMatchObject({ calls: 1, paid: 1 });
    expect(job.images.map(({ sha256 }) => sha256)).toEqual(entries[0]?.image_sha256);
  });

  test('and comes back with the same key gets the same job', async () => {
    const kiln = await startKiln({ engine });
    await kiln.control('PATCH', 'settings', { gate: true });
    const headers = { 'idempotency-key': 'order-17' };
    const first = call(kiln.url, { prompt: 'once only' }, headers);
    await callsUnderWay(kiln, 1);
    const job = await jobFor(kiln, 'once only');
    first.hangUp();
    const second = call(kiln.url, { prompt: 'once only' }, headers);
    const third = call(kiln.url, { prompt: 'once only', response_format: 'url' }, headers);
    await kiln.control('PATCH', 'settings', { gate: false });
    const answer = await second.answer;
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    expect(answer.headers.get('x-kiln-job-id')).toBe(job.id);
    expect(((await answer.json()) as { data: object[] }).data).toHaveLength(1);
    expect(await (await third.answer).json()).toMatchObject({
      data: [{ url: `${kiln.url}/v1/jobs/${job.id}/images/0` }],
    });
    const again = await call(kiln.url, { prompt: 'once only' }, headers).answer;
    expect(again.status).toBe(200);
    expect((await call(kiln.url, { prompt: 'another' }, headers).answer).status).toBe(422);
    expect((await callsFinished(kiln, 1)).counters).toMatchObject({ calls: 1 });
    expect(await kiln.read(job.id)).toMatchObject({ cancel_requested_at: null });
  });
});

test.each([
  ['answer', {}],
  ['events', { stream: true }],
])(
  'a caller who goes as the picture of the %s is opened leaves nothing open',
  async (_form, body) => {
    const kiln = await startKiln({ engine: engineNamed('redis') });
    const { app, url } = await startApi(kiln);
    const [opened, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    app.server.on('request', (_request, response) => response.once('close', () => gone.resolve()));
    const objects = watchOpenObjects(kiln.deps.store, async () => {
      opened.resolve();
      await gone.promise;
    });
    const caller = call(url, { prompt: 'soon gone', ...body });
    await opened.promise;
    caller.hangUp();
    await objects.allClosed();
  },
);

describe('a caller who waits', async () => {
  const kiln = await startKiln({
    engine: engineNamed('redis'),
    env: { KILN_SYNC_TIMEOUT_MS: '1000', KILN_UNKNOWN_OUTCOME: 'hold' },
  });
  const shut = () => kiln.control('PATCH', 'settings', { gate: true });
  const open = () => kiln.control('PATCH', 'settings', { gate: false });
  const { url: patient } = await startApi(kiln, { syncTimeoutMs: 600_000 });
  const ask = (body: object, headers: Record<string, string> = {}, url = patient) =>
    postJson(`${url}${path}`, body, headers);
  afterEach(async () => {
    await open();
    await noJobUnderWay(kiln);
  });

  /** None of these is repeated by a client or a gateway. */
  function expectNoRepetition(response: Response, jobId: string): void {
    expect([408, 409, 425, 429]).not.toContain(response.status);
    expect(response.status).toBeLessThan(500);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(response.headers.get('location')).toBe(`/v1/jobs/${jobId}`);
    expect(response.headers.get('x-kiln-job-id')).toBe(jobId);
  }

  test('too long is told which job it is, and that its result is kept', async () => {
    await shut();
    const response = await ask({ prompt: 'too long' }, {}, kiln.url);
    const job = await jobFor(kiln, 'too long');
    expectNoRepetition(response, job.id);
    expect(await readError(response)).toMatchObject({
      status: 424,
      code: 'result_pending',
      message: expect.stringMatching(
        new RegExp(
          `^${job.id} is (?:queued|in_progress), and it was waited for 1 s.*its result is kept, and GET /v1/jobs/${job.id} has it`,
        ),
      ) as string,
    });
    await open();
    expect(await kiln.ended(job.id)).toMatchObject({
      status: 'succeeded',
      cancel_requested_at: null,
    });
  });

  test('too long for a stream gets that as its last event', async () => {
    await shut();
    const response = await ask({ prompt: 'a long stream', stream: true }, {}, kiln.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    const { id } = await jobFor(kiln, 'a long stream');
    expect(text).toMatch(
      new RegExp(
        `^: ${id}\n\nevent: error\ndata: \\{"type":"error","error":\\{.*"code":"result_pending"\\}\\}\n\n$`,
      ),
    );
    await open();
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
  });

  test('not at all is answered with the job', async () => {
    await shut();
    const response = await ask({ prompt: 'at once' }, { prefer: 'respond-async' });
    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    const job = await readJob(response);
    expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ object: 'image.job', priority: 'interactive' });
    await open();
    expect(await kiln.ended(job.id)).toMatchObject({
      status: 'succeeded',
      cancel_requested_at: null,
    });
  });

  test('for a job that somebody cancels is told so', async () => {
    const away = await startKiln({ engine: engineNamed('redis'), workers: false });
    const waiting = call(away.url, { prompt: 'cancelled' });
    const { id } = await jobFor(away, 'cancelled');
    await postJson(`${away.url}/v1/jobs/${id}/cancel`, {});
    const response = await waiting.answer;
    expectNoRepetition(response, id);
    expect(await readError(response)).toMatchObject({ status: 424, code: 'job_cancelled' });
  });

  test('for a job that is held is told so, and what decides it', async () => {
    await kiln.control('POST', 'faults', { fault: 'server error' });
    const response = await ask({ prompt: 'held' });
    const { id } = await jobFor(kiln, 'held');
    expectNoRepetition(response, id);
    const error = await readError(response);
    expect(error).toMatchObject({ status: 424, code: 'job_held' });
    expect(error.message).toContain(`POST /v1/jobs/${id}/resolve`);
    await postJson(`${kiln.url}/v1/jobs/${id}/resolve`, { action: 'fail' });
    await kiln.ended(id);
  });

  test('for a job that fails is told why', async () => {
    await kiln.control('POST', 'faults', { fault: 'no data', times: 2 });
    const response = await ask({ prompt: 'fails' });
    const { id } = await jobFor(kiln, 'fails');
    expectNoRepetition(response, id);
    const error = await readError(response);
    expect(error.code).toBe('job_failed');
    expect(await kiln.ended(id)).toMatchObject({ status: 'failed' });
  });

  test('for a picture that is gone is told so', async () => {
    const headers = { 'idempotency-key': 'gone' };
    expect((await ask({ prompt: 'gone' }, headers)).status).toBe(200);
    const { id } = await jobFor(kiln, 'gone');
    for (const { key } of await kiln.deps.store.list(`images/${id.slice(-2)}/${id}/`, {
      limit: 10,
    }))
      await kiln.deps.store.delete(key);
    const response = await ask({ prompt: 'gone' }, headers);
    expectNoRepetition(response, id);
    expect(await readError(response)).toMatchObject({ status: 424, code: 'result_unavailable' });
  });

  test('in a process that stops is told the job at once, as an answer or as an event', async () => {
    const api = await startApi(kiln, { syncTimeoutMs: 600_000 });
    await shut();
    const plain = call(api.url, { prompt: 'stopped' });
    const stream = await call(api.url, { prompt: 'interrupted', stream: true }).answer;
    const ids = [(await jobFor(kiln, 'stopped')).id, (await jobFor(kiln, 'interrupted')).id];
    await callsUnderWay(kiln, 2);
    api.stopping.abort();
    const response = await plain.answer;
    expectNoRepetition(response, ids[0]!);
    expect(await readError(response)).toMatchObject({
      code: 'result_pending',
      message: expect.stringContaining('this process is stopping') as string,
    });
    expect(await stream.text()).toContain(
      `"message":"${ids[1]} is in_progress, and this process is stopping`,
    );
    expect((await call(api.url, { prompt: 'refused' }).answer).status).toBe(503);
    await open();
    for (const id of ids)
      expect(await kiln.ended(id)).toMatchObject({
        status: 'succeeded',
        cancel_requested_at: null,
      });
  });

  test('is one too many: nothing is accepted, and others go on', async () => {
    const api = await startApi(kiln, { syncTimeoutMs: 600_000, syncMaxWaiting: 1 });
    await shut();
    const first = call(api.url, { prompt: 'first' });
    const { id } = await jobFor(kiln, 'first');
    const second = await call(api.url, { prompt: 'second' }).answer;
    expect(await readError(second)).toMatchObject({ status: 429, code: 'too_many_waiting' });
    expect(second.headers.get('x-kiln-job-id')).toBeNull();
    expect(second.headers.get('retry-after')).toBe('5');
    await open();
    expect((await first.answer).status).toBe(200);
    await first.answer.then((answer) => answer.arrayBuffer());
    await kiln.ended(id);
    expect((await (await kiln.request('/v1/jobs?q=second')).json()) as JobList).toMatchObject({
      data: [],
    });
    await waitFor(async () => (await call(api.url, { prompt: 'third' }).answer).status === 200, {
      what: 'the place to be free again',
    });
  });
});

test('a stream that nothing comes of for a while says so, until its caller goes', async () => {
  const kiln = await startKiln({ engine: engineNamed('redis'), workers: false });
  const api = createApiDeps(kiln.deps, new AbortController().signal);
  onTestFinished(() => api.close());
  const { id: jobId } = await kiln.submit({ prompt: 'silence' });
  const gone = new AbortController();
  const caller = { projectId: 'default', requestId: 'req_1', baseUrl: kiln.url };
  const news = watchImages(api.jobs, { caller, jobId, signal: gone.signal }, 10);
  expect((await news.next()).value).toEqual({ kind: 'silence' });
  expect((await news.next()).value).toEqual({ kind: 'silence' });
  gone.abort();
  const end = (async () => {
    for await (const each of news) expect(each).toEqual({ kind: 'silence' });
  })();
  await expect(end).rejects.toMatchObject({ code: 'result_pending' });
});

test('partial images that come while their reader takes one are told of, though the job has ended meanwhile', async () => {
  const kiln = await startKiln({ engine: engineNamed('redis'), workers: false });
  const api = createApiDeps(kiln.deps, new AbortController().signal);
  onTestFinished(() => api.close());
  const { id: jobId } = await kiln.submit({ prompt: 'slowly read' });
  const { id: otherId } = await kiln.submit({ prompt: 'another' });
  const { db, pool } = kiln.deps.records;
  const caller = { projectId: 'default', requestId: 'req_1', baseUrl: kiln.url };
  const patience = { caller, jobId, signal: new AbortController().signal };
  // As a worker tells of them.
  await pool.query(`update kiln.jobs set status = 'in_progress' where id = any($1)`, [
    [jobId, otherId],
  ]);
  const tell = (index: number, id = jobId) =>
    recordPreviewEvent(db, { jobId: id, no: 1, index, format: 'png' });
  let isListening = false;
  const first = api.jobs.waits.watchPreviews(otherId, () => (isListening = true));
  await waitFor(() => tell(0, otherId).then(() => isListening), {
    what: 'its notifications to arrive',
  });
  first.cancel();
  const news = watchImages(api.jobs, patience, 10);
  expect((await news.next()).value).toEqual({ kind: 'silence' });
  await tell(0);
  const heard = async (): Promise<IteratorResult<ImageProgress, void>> => {
    for (;;) {
      const next = await news.next();
      if (next.done === true || next.value.kind !== 'silence') return next;
    }
  };
  expect((await heard()).value).toMatchObject({ kind: 'preview', preview: { index: 0 } });
  for (const index of [1, 2]) await tell(index);
  const end = expect(awaitImages(api.jobs, patience)).rejects.toMatchObject({ code: 'job_failed' });
  await pool.query(
    `with job as (update kiln.jobs set status = 'failed' where id = $1 returning *)
     insert into kiln.events (project_id, type, job_id, data) select project_id, 'job.failed', id, '{}' from job`,
    [jobId],
  );
  await end;
  for (const index of [1, 2])
    expect((await heard()).value).toMatchObject({ kind: 'preview', preview: { index } });
  await expect(heard()).rejects.toMatchObject({ code: 'job_failed' });
});

describe('the answer', async () => {
  const kiln = await startKiln({ engine: engineNamed('redis') });

  test('has its length, and the pictures in their order', async () => {
    const response = await postJson(`${kiln.url}${path}`, { prompt: 'three', n: 3 });
    const bytes = await buffer(response.body!);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    const { data } = JSON.parse(bytes.toString()) as { data: { b64_json: string }[] };
    const [call_] = (await callsFinished(kiln, 1)).entries;
    const hashes = data.map(({ b64_json: base64 }) =>
      createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
    );
    expect(hashes).toEqual(call_?.image_sha256);
  });

  test.each([
    ['partial_images', { partial_images: 1 }],
    ['n', { stream: true, n: 2 }],
    ['response_format', { stream: true, response_format: 'url' }],
    ['partial_images', { stream: true, partial_images: 4 }],
    ['priority', { priority: 'bulk' }],
    ['model', { model: 7 }],
    ['complexity', { complexity: 'low', provider_options: { complexity: 'high' } }],
  ])('names %s of a request that cannot be', async (param, fields) => {
    const response = await postJson(`${kiln.url}${path}`, { prompt: 'never', ...fields });
    expect(await readError(response)).toMatchObject({ status: 400, param });
  });

  test('what is newer than the model table goes to the provider, with a warning', async () => {
    const response = await postJson(
      `${kiln.url}${path}`,
      { prompt: 'newer', complexity: 'low', metadata: { order: '17' }, n: null },
      { prefer: 'respond-async' },
    );
    expect(await readJob(response)).toMatchObject({
      request: { prompt: 'newer', provider_options: { complexity: 'low' } },
      metadata: { order: '17' },
      warnings: [{ code: 'simulator' }, { code: 'provider_options' }],
    });
  });

  test('partial images that somebody asked for are in the estimate', async () => {
    const estimates = await Promise.all(
      [{}, { stream: true, partial_images: 3 }].map(async (fields) => {
        const body = { prompt: 'estimated', model: 'gpt-image-2', quality: 'low', ...fields };
        const job = await readJob(
          await postJson(`${kiln.url}${path}`, body, { prefer: 'respond-async' }),
        );
        return job.cost.estimated ?? 0;
      }),
    );
    expect(estimates[1]! - estimates[0]!).toBeCloseTo((300 * 30) / 1_000_000, 6);
  });
});
