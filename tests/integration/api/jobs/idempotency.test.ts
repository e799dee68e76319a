/**
 * `Idempotency-Key`: one job per key, however often and through whichever process it is requested.
 */
import { createLogger } from '@kiln/shared/logger';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { callsFinished, countEffects, engineNamed, readError, readJob } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });

/** A second API process on the same database, as far as callers can tell. */
async function startSecondApi(): Promise<string> {
  const api = createApiDeps(kiln.deps, new AbortController().signal);
  const app = await buildApp(api, createLogger({ name: 'second', level: 'silent' }));
  atEndOfFile(async () => {
    await app.close();
    await api.close();
  });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

function submit(
  key: string,
  body: unknown,
  headers: Record<string, string> = {},
  url = kiln.url,
): Promise<Response> {
  return postJson(`${url}/v1/jobs`, body, { 'idempotency-key': key, ...headers });
}

async function countJobs(): Promise<number> {
  return (await countEffects(kiln)).jobs ?? 0;
}

describe('the same request again', () => {
  test('gets the same bytes, marked as replayed', async () => {
    const body = { prompt: 'A boat', n: 2, size: '1024x1024', metadata: { order: '17' } };
    const first = await submit('same', body);
    const bytes = await first.text();
    const { id } = JSON.parse(bytes) as { id: string };
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const [before] = [await countJobs(), await kiln.ended(id)];

    // The answer stays the same after the job has ended.
    const again = await submit('same', body);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(`/v1/jobs/${id}`);
    expect(await again.text()).toBe(bytes);
    expect(await countJobs()).toBe(before);
  });

  test('the order of fields and white space do not matter, at any depth', async () => {
    const first = await submit('order', {
      prompt: 'A boat',
      n: 1,
      metadata: {
        b: '1',
        a: '2',
      },
      provider_options: {
        list: [
          {
            y: 1,
            x: 2,
          },
        ],
      },
    });
    const { id } = await readJob(first);
    const again = await kiln.request('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'order' },
      body: `{ "provider_options": {"list": [{"x": 2, "y": 1}]}, "metadata": {"a": "2", "b": "1"},
        "n": 1, "prompt": "A boat" }`,
    });
    expect(again.status).toBe(202);
    expect((await readJob(again)).id).toBe(id);
  });

  test('the order of a list matters', async () => {
    const body = (list: number[]) => ({ prompt: 'A boat', provider_options: { list } });
    await submit('list', body([1, 2]));
    expect((await submit('list', body([2, 1]))).status).toBe(422);
  });

  test('may wait for the end of the first request’s job', async () => {
    const first = await readJob(await submit('wait', { prompt: 'A boat' }));
    const again = await submit('wait', { prompt: 'A boat' }, { prefer: 'wait=60' });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await readJob(again)).toMatchObject({ id: first.id, status: 'succeeded' });
  });

  test('without a key is another job', async () => {
    const [one, other] = [await kiln.submit(), await kiln.submit()];
    expect(one.id).not.toBe(other.id);
  });
});

describe('another request', () => {
  test('with a used key is refused, and the first job stays', async () => {
    const first = await readJob(await submit('other', { prompt: 'A boat' }));
    const before = await countJobs();
    const response = await submit('other', { prompt: 'A ship' });
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await readError(response);
    expect(error).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
      param: 'Idempotency-Key',
    });
    expect(error.message).toMatch(/^Idempotency-Key: this key was used with another body/);
    expect(await countJobs()).toBe(before);
    expect((await readJob(await submit('other', { prompt: 'A boat' }))).id).toBe(first.id);
  });

  test('a refused request leaves its key free', async () => {
    expect((await submit('free', { prompt: 'A boat', n: 11 })).status).toBe(400);
    expect((await submit('free', { prompt: 'A boat', n: 1 })).status).toBe(202);
  });

  test('a key of 255 characters is accepted', async () => {
    const key = 'k'.repeat(255);
    const first = await readJob(await submit(key, { prompt: 'A boat' }));
    expect((await readJob(await submit(key, { prompt: 'A boat' }))).id).toBe(first.id);
  });
});

describe('twenty at once', () => {
  async function submitTwenty(key: string, urls: readonly string[]) {
    const before = await countEffects(kiln);
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        submit(key, { prompt: 'A boat' }, {}, urls[index % urls.length]),
      ),
    );
    const ids = new Set<string>();
    let created = 0;
    for (const response of responses) {
      if (response.status === 409) {
        expect(response.headers.get('retry-after')).toBe('1');
        expect(response.headers.get('retry-after-ms')).toBe('1000');
        expect(response.headers.get('x-should-retry')).toBeNull();
        expect(await readError(response)).toMatchObject({
          code: 'idempotency_in_flight',
          param: 'Idempotency-Key',
        });
        continue;
      }
      expect(response.status).toBe(202);
      if (response.headers.get('idempotent-replayed') === null) created += 1;
      ids.add((await readJob(response)).id);
    }
    const after = await countEffects(kiln);
    return {
      created,
      ids: [...ids],
      jobs: (after.jobs ?? 0) - (before.jobs ?? 0),
      keys: (after.keys ?? 0) - (before.keys ?? 0),
    };
  }

  test.each(['one process', 'two processes'])(
    'through %s make one job, and one call',
    async (processes) => {
      const urls = processes === 'one process' ? [kiln.url] : [kiln.url, await startSecondApi()];
      const outcome = await submitTwenty(`twenty through ${processes}`, urls);
      expect(outcome).toMatchObject({ created: 1, jobs: 1, keys: 1 });
      expect(outcome.ids).toHaveLength(1);
      const [id = ''] = outcome.ids;
      await kiln.ended(id);
      const { entries } = await callsFinished(kiln, 1);
      expect(entries.filter((entry) => entry.kiln_job_id === id)).toHaveLength(1);
    },
  );
});

test('a key used at one process is known at another', async () => {
  const second = await startSecondApi();
  const first = await submit('far', { prompt: 'A boat' });
  const bytes = await first.text();
  const again = await submit('far', { prompt: 'A boat' }, {}, second);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await again.text()).toBe(bytes);
  expect((await submit('far', { prompt: 'A ship' }, {}, second)).status).toBe(422);
});
