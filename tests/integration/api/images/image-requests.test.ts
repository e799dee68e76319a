/**
 * Requests to the images API whose caller disconnects or waits: what happens to them and to their
 * jobs when the caller goes, the time is over or the process stops.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { enginesOf } from '../../../support/engines/engines.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
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
import { call, generationsPath, jobFor, startApi } from './image-callers.ts';

describe.each(enginesOf(import.meta.filename))('a caller who disconnects, on $name', (engine) => {
  test('cancels its queued job, and keeps one whose call is under way', async () => {
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

    for (const caller of [executing, queued, streamed]) caller.disconnect();
    await jobIs(kiln, queuedId, 'cancelled');
    await jobIs(kiln, streamedId, 'cancelled');
    await waitFor(async () => (await kiln.read(executingId)).cancel_requested_at !== null, {
      what: 'the disconnect to be noticed',
    });
    expect(await kiln.read(executingId)).toMatchObject({ status: 'in_progress' });
    await kiln.control('PATCH', 'settings', { gate: false });
    const job = await jobIs(kiln, executingId, 'succeeded');
    const { entries, counters } = await callsFinished(kiln, 1);
    expect(counters).toMatchObject({ calls: 1, paid: 1 });
    expect(job.images.map(({ sha256 }) => sha256)).toEqual(entries[0]?.image_sha256);
  });

  test('gets the same job when it comes back with the same key', async () => {
    const kiln = await startKiln({ engine });
    await kiln.control('PATCH', 'settings', { gate: true });
    const headers = { 'idempotency-key': 'order-17' };
    const first = call(kiln.url, { prompt: 'once only' }, headers);
    await callsUnderWay(kiln, 1);
    const job = await jobFor(kiln, 'once only');
    first.disconnect();
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
  ['JSON response', {}],
  ['event stream', { stream: true }],
])(
  'a caller who disconnects while the picture of the %s is opened leaves nothing open',
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
    caller.disconnect();
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
    postJson(`${url}${generationsPath}`, body, headers);
  afterEach(async () => {
    await open();
    await noJobUnderWay(kiln);
  });

  /** Expects a response that neither clients nor gateways repeat by themselves. */
  function expectNoRepetition(response: Response, jobId: string): void {
    expect([408, 409, 425, 429]).not.toContain(response.status);
    expect(response.status).toBeLessThan(500);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(response.headers.get('location')).toBe(`/v1/jobs/${jobId}`);
    expect(response.headers.get('x-kiln-job-id')).toBe(jobId);
  }

  test('gets 424 with the job after the timeout, and the result is kept', async () => {
    await shut();
    const response = await ask({ prompt: 'too long' }, {}, kiln.url);
    const job = await jobFor(kiln, 'too long');
    expectNoRepetition(response, job.id);
    expect(await readError(response)).toMatchObject({
      status: 424,
      code: 'result_pending',
      message: expect.stringMatching(
        new RegExp(
          `^${job.id} is (?:queued|in_progress), and this request has waited 1 s.*its result ` +
            `is kept, and GET /v1/jobs/${job.id} has it`,
        ),
      ) as string,
    });
    await open();
    expect(await kiln.ended(job.id)).toMatchObject({
      status: 'succeeded',
      cancel_requested_at: null,
    });
  });

  test('gets the timeout as the last event of a stream', async () => {
    await shut();
    const response = await ask({ prompt: 'a long stream', stream: true }, {}, kiln.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    const { id } = await jobFor(kiln, 'a long stream');
    expect(text).toMatch(
      new RegExp(
        `^: ${id}\n\nevent: error\ndata: ` +
          `\\{"type":"error","error":\\{.*"code":"result_pending"\\}\\}\n\n$`,
      ),
    );
    await open();
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
  });

  test('gets 202 and the job with Prefer: respond-async', async () => {
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

  test('gets 424 when the job is cancelled', async () => {
    const away = await startKiln({ engine: engineNamed('redis'), workers: false });
    const waiting = call(away.url, { prompt: 'cancelled' });
    const { id } = await jobFor(away, 'cancelled');
    await postJson(`${away.url}/v1/jobs/${id}/cancel`, {});
    const response = await waiting.answer;
    expectNoRepetition(response, id);
    expect(await readError(response)).toMatchObject({ status: 424, code: 'job_cancelled' });
  });

  test('gets 424 when the job is held, with the request that decides it', async () => {
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

  test('gets the reason when the job fails', async () => {
    await kiln.control('POST', 'faults', { fault: 'no data', times: 2 });
    const response = await ask({ prompt: 'fails' });
    const { id } = await jobFor(kiln, 'fails');
    expectNoRepetition(response, id);
    const error = await readError(response);
    expect(error.code).toBe('job_failed');
    expect(await kiln.ended(id)).toMatchObject({ status: 'failed' });
  });

  test('gets 424 when the stored picture is gone', async () => {
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

  test('gets the job at once when the process stops, as a response or as an event', async () => {
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

  test('gets 429 beyond the limit; nothing is accepted, and others go on', async () => {
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
      what: 'the slot to be free again',
    });
  });
});
