/**
 * `Prefer: wait=N`, `Prefer: respond-async` and `Accept: image/*`: responses that wait for the end
 * of a job.
 */
import { createLogger } from '@kiln/shared/logger';
import { afterEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { callsUnderWay, engineNamed, jobIs, noJobUnderWay, readJob } from '../support.ts';

const kiln = await startKiln({
  engine: engineNamed('redis'),
  env: { KILN_UNKNOWN_OUTCOME: 'hold' },
});

/** The simulator holds every answer until the test releases it. */
const shut = () => kiln.control('PATCH', 'settings', { gate: true });
const open = () => kiln.control('PATCH', 'settings', { gate: false });

afterEach(async () => {
  await open();
  await noJobUnderWay(kiln);
});

function submit(headers: Record<string, string>, url = kiln.url): Promise<Response> {
  return postJson(`${url}/v1/jobs`, { prompt: 'A boat' }, headers);
}

/** Starts an API on the same records and counts its open waits. */
async function startCountedApi({ places = 1_000 } = {}) {
  const stopping = new AbortController();
  const api = createApiDeps(kiln.deps, stopping.signal);
  api.jobs.config = { ...api.jobs.config, syncMaxWaiting: places };
  const { waits } = api.jobs;
  const counted = { open: 0, begun: 0 };
  api.jobs.waits = {
    ...waits,
    begin(...args) {
      const wait = waits.begin(...args);
      counted.open += 1;
      counted.begun += 1;
      const close = once(() => (counted.open -= 1));
      return {
        ended: wait.ended.finally(close),
        cancel() {
          close();
          wait.cancel();
        },
      };
    },
  };
  const app = await buildApp(api, createLogger({ name: 'counted', level: 'silent' }));
  atEndOfFile(async () => {
    await app.close();
    await api.close();
  });
  return { counted, stopping, app, url: await app.listen({ port: 0, host: '127.0.0.1' }) };
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

describe('on submitting', () => {
  test('a job that ends in time is returned finished', async () => {
    const response = await submit({ prefer: 'wait=60' });
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('wait=60');
    expect(response.headers.get('retry-after')).toBeNull();
    const job = await readJob(response);
    expect(job).toMatchObject({ status: 'succeeded', attempts: { made: 1 }, queue: null });
    expect(job.images).toHaveLength(1);
    expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
  });

  test('a job that does not end in time is returned as it is', async () => {
    await shut();
    const response = await submit({ prefer: 'wait=1' });
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    const job = await readJob(response);
    expect(['queued', 'in_progress']).toContain(job.status);
    await open();
    expect(await kiln.ended(job.id)).toMatchObject({ status: 'succeeded' });
  });

  test('a wait is limited to a minute, and the header says so', async () => {
    const response = await submit({ prefer: 'wait=600' });
    expect(response.headers.get('preference-applied')).toBe('wait=60');
    expect(response.status).toBe(200);
  });

  test.each(['respond-async', 'respond-async, wait=60', 'wait=60, Respond-Async'])(
    '%s is answered at once',
    async (prefer) => {
      await shut();
      const response = await submit({ prefer });
      expect(response.status).toBe(202);
      expect(response.headers.get('preference-applied') ?? '').not.toMatch(/wait/);
    },
  );

  test.each(['wait', 'wait=-1', 'wait=soon', 'wait=1.5', 'handling=lenient', ''])(
    'an unknown preference is ignored: "%s"',
    async (prefer) => {
      await shut();
      const response = await submit({ prefer });
      expect(response.status).toBe(202);
      expect(response.headers.get('preference-applied')).toBeNull();
    },
  );

  test('a failed job ends the wait', async () => {
    await kiln.control('POST', 'faults', { fault: 'openai moderation' });
    const response = await submit({ prefer: 'wait=60' });
    expect(response.status).toBe(200);
    expect(await readJob(response)).toMatchObject({
      status: 'failed',
      error: { code: 'content_policy' },
      images: [],
    });
  });
});

describe('on reading', () => {
  test('all waiting requests are answered when the job ends', async () => {
    await shut();
    const { id } = await kiln.submit();
    await callsUnderWay(kiln, 1);
    const waiting = [1, 2, 3].map(() =>
      kiln.request(`/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } }),
    );
    await open();
    for (const response of await Promise.all(waiting)) {
      expect(response.status).toBe(200);
      expect(response.headers.get('preference-applied')).toBe('wait=60');
      expect(await readJob(response)).toMatchObject({ id, status: 'succeeded' });
    }
  });

  test('an ended job is returned at once', async () => {
    const { id } = await kiln.submit();
    await kiln.ended(id);
    const startedAt = performance.now();
    await kiln.request(`/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });

  test('a job that does not exist is a 404 at once', async () => {
    const response = await kiln.request('/v1/jobs/job_nowhere', { headers: { prefer: 'wait=60' } });
    expect(response.status).toBe(404);
  });

  test('cancelling ends the wait', async () => {
    const { counted, url } = await startCountedApi();
    await shut();
    const { id } = await kiln.submit();
    await callsUnderWay(kiln, 1);
    const waiting = fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    await waitFor(() => counted.open > 0, { what: 'the wait to begin' });
    await postJson(`${kiln.url}/v1/jobs/${id}/cancel`, { force: true });
    expect(await readJob(await waiting)).toMatchObject({ id, status: 'cancelled' });
  });

  test('a job that becomes held ends the wait', async () => {
    const { counted, url } = await startCountedApi();
    await shut();
    await kiln.control('POST', 'faults', { fault: 'close' });
    const { id } = await kiln.submit();
    await callsUnderWay(kiln, 1);
    const startedAt = performance.now();
    const waiting = fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    await waitFor(() => counted.open > 0, { what: 'the wait to begin' });
    await open();
    expect(await readJob(await waiting)).toMatchObject({ id, status: 'held' });
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });

  test('a held job is returned at once', async () => {
    await kiln.control('POST', 'faults', { fault: 'close' });
    const { id } = await kiln.submit();
    await jobIs(kiln, id, 'held');
    const response = await kiln.request(`/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    expect(await readJob(response)).toMatchObject({
      status: 'held',
      error: { code: 'connection_lost' },
    });
  });
});

describe('a waiting caller', () => {
  test('leaves nothing behind when it disconnects', async () => {
    const { counted, url } = await startCountedApi();
    await shut();
    const { id } = await kiln.submit();
    const hangUp = new AbortController();
    const waiting = fetch(`${url}/v1/jobs/${id}`, {
      headers: { prefer: 'wait=60' },
      signal: hangUp.signal,
    });
    await waitFor(() => counted.open === 1, { what: 'the wait to begin' });
    hangUp.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
    await waitFor(() => counted.open === 0, { what: 'the wait to end with its caller' });
    expect((await kiln.read(id)).status).not.toBe('succeeded');
  });

  test('is answered at once when all slots are taken', async () => {
    const { counted, url } = await startCountedApi({ places: 2 });
    await shut();
    const waiting = [submit({ prefer: 'wait=60' }, url), submit({ prefer: 'wait=60' }, url)];
    await waitFor(() => counted.open === 2, { what: 'both slots to be taken' });

    const submitted = await submit({ prefer: 'wait=60' }, url);
    expect(submitted.status).toBe(202);
    expect(submitted.headers.get('preference-applied')).toBeNull();
    expect(submitted.headers.get('retry-after')).toMatch(/^\d+$/);
    const { id } = await readJob(submitted);
    const read = await fetch(`${url}/v1/jobs/${id}`, { headers: { prefer: 'wait=60' } });
    expect(read.status).toBe(200);
    expect(read.headers.get('preference-applied')).toBeNull();
    expect(read.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readJob(read)).toMatchObject({ id });
    expect(counted.begun).toBe(2);

    await open();
    for (const response of await Promise.all(waiting)) {
      expect(response.headers.get('preference-applied')).toBe('wait=60');
      expect(await readJob(response)).toMatchObject({ status: 'succeeded' });
    }
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
    // Their slots are free again.
    await waitFor(
      async () =>
        (await submit({ prefer: 'wait=60' }, url)).headers.get('preference-applied') === 'wait=60',
      { what: 'a free slot' },
    );
  });

  test('is answered when the process is asked to stop', async () => {
    const { counted, stopping, app, url } = await startCountedApi();
    await shut();
    const waiting = submit({ prefer: 'wait=60' }, url);
    await waitFor(() => counted.open === 1, { what: 'the wait to begin' });
    const startedAt = performance.now();
    stopping.abort();
    const closed = app.close();
    const response = await waiting;
    expect(response.status).toBe(202);
    const { id } = await readJob(response);
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    await open();
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
  });
});

describe('Accept: image/*', () => {
  test.each(['image/*', 'image/png', 'image/avif,image/webp,*/*;q=0.8'])(
    '%s redirects from the job to its picture',
    async (accept) => {
      const response = await fetch(`${kiln.url}/v1/jobs`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', prefer: 'wait=60', accept },
        body: JSON.stringify({ prompt: 'A boat' }),
      });
      expect(response.status).toBe(303);
      const location = response.headers.get('location') ?? '';
      expect(location).toMatch(/^\/v1\/jobs\/job_[0-9a-f]+\/images\/0$/);
      const picture = await kiln.request(location);
      expect(picture.headers.get('content-type')).toBe('image/png');
    },
  );

  test('a client that follows redirects gets the picture in one request', async () => {
    const response = await submit({ prefer: 'wait=60', accept: 'image/*' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  test('redirects on reading, and only when there is a picture', async () => {
    await shut();
    const { id } = await kiln.submit();
    const early = await kiln.request(`/v1/jobs/${id}`, { headers: { accept: 'image/*' } });
    expect(early.headers.get('content-type')).toMatch(/json/);
    await open();
    await kiln.ended(id);
    const late = await kiln.request(`/v1/jobs/${id}`, { headers: { accept: 'image/*' } });
    expect(late.headers.get('content-type')).toBe('image/png');
  });

  test.each(['application/json', '*/*'])('%s gets the job', async (accept) => {
    const response = await submit({ prefer: 'wait=60', accept });
    expect(response.headers.get('content-type')).toMatch(/json/);
  });
});
