/** Pools, models, health, and a process that was asked to stop. */
import { createLogger } from '@kiln/shared/logger';
import { modelSchema, poolSchema } from '@kiln/shared/schemas/pool';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { countEffects, engineNamed, readError, readiness } from '../support.ts';

const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_RPM: '6' },
  workers: false,
});

async function readList(path: string): Promise<unknown[]> {
  const response = await kiln.request(path);
  expect(response.status).toBe(200);
  const { data, ...list } = (await response.json()) as { data: unknown[] };
  expect(list).toEqual({ object: 'list', first_id: null, last_id: null, has_more: false });
  return data;
}

describe('pools', () => {
  test('show the quota, its pace and its backlog', async () => {
    const before = poolSchema.parse((await readList('/v1/pools'))[0]);
    expect(before).toEqual({
      object: 'pool',
      name: 'default',
      rpm: 6,
      ipm: null,
      tpm: null,
      reported: null,
      warnings: [],
      status: 'open',
      pace: { interval_ms: before.pace.interval_ms, share: 1 },
      next_start_at: null,
      paused_by: null,
      is_probing: false,
      blocked_until: null,
      blocked_reason: null,
      blocked_job: null,
      blocked_message: null,
      backlog: 0,
      in_flight: 0,
      held: 0,
      at_risk: 0,
      eta_seconds: 0,
      deployments: [
        {
          name: 'simulator',
          status: 'open',
          paused_reason: null,
          paused_message: null,
          paused_job: null,
          next_probe_at: null,
          paused_models: [],
        },
      ],
    });
    // One per 60/6 s, plus a small margin.
    expect(before.pace.interval_ms).toBeGreaterThanOrEqual(10_000);
    expect(before.pace.interval_ms).toBeLessThan(10_500);

    await Promise.all([kiln.submit(), kiln.submit({ priority: 'bulk' }), kiln.submit()]);
    const readPool = async () => poolSchema.parse((await readList('/v1/pools'))[0]);
    // If counting took long, the pool keeps the old count for a while.
    await waitFor(async () => (await readPool()).backlog === 3, {
      what: 'three jobs to be counted',
    });
    expect((await readPool()).eta_seconds).toBeGreaterThanOrEqual(30);
  });

  test('say who paused them, and whether a call probes them', async () => {
    const after = async (action: 'pause' | 'resume') => {
      const response = await kiln.request(`/v1/pools/default/${action}`, { method: 'POST' });
      return poolSchema.parse(await response.json());
    };
    expect(await after('pause')).toMatchObject({ paused_by: 'operator', is_probing: false });
    await kiln.deps.records.pool.query(
      `update kiln.pools set paused_by = 'fault', probing = true, blocked_reason = 'fault'`,
    );
    expect((await readList('/v1/pools'))[0]).toMatchObject({
      status: 'paused',
      paused_by: 'fault',
      is_probing: true,
    });
    expect(await after('resume')).toMatchObject({
      status: 'open',
      paused_by: null,
      is_probing: false,
    });
  });

  test('determine the position and expected time of a job by their pace', async () => {
    const job = await kiln.submit({ priority: 'bulk' });
    await kiln.deps.dispatcher.run('default'); // a position is counted while nothing moves
    const { queue } = await kiln.read(job.id);
    expect(queue?.position).toBe(3);
    expect(queue?.eta_seconds).toBeGreaterThanOrEqual(30);
    const first = await kiln.submit({ priority: 'interactive' });
    await kiln.deps.dispatcher.run('default');
    expect((await kiln.read(first.id)).queue?.position).toBe(2);
    expect((await kiln.read(job.id)).queue?.position).toBe(4);
  });
});

describe('models', () => {
  test('are listed with their rules and deployments', async () => {
    const models = (await readList('/v1/models')).map((model) => modelSchema.parse(model));
    const byId = new Map(models.map((model) => [model.id, model]));
    expect(byId.get('gpt-image-2')).toMatchObject({
      object: 'model',
      deployments: ['simulator'],
      transparent_background: 'preview',
      sizes: {
        kind: 'free',
        edge_multiple: 16,
        max_edge: 3840,
      },
      azure_default_rpm: 6,
      output_formats: {
        openai: ['png', 'jpeg', 'webp'],
        azure: ['png', 'jpeg'],
      },
    });
    expect(byId.get('gpt-image-1')?.retires).toEqual({ openai: '2026-10-23', azure: '2026-10-23' });
    expect(byId.get('gpt-image-1')?.sizes).toEqual({
      kind: 'fixed',
      allowed: ['1024x1024', '1536x1024', '1024x1536'],
    });
  });
});

describe('health', () => {
  test('/livez and /readyz report that everything works', async () => {
    expect(await (await kiln.request('/livez')).json()).toEqual({ status: 'ok' });
    const { response, body } = await readiness(kiln.url);
    expect(response.status).toBe(200);
    expect(body).toEqual({ status: 'ok', database: 'ok', queue: 'ok' });
  });

  test('/readyz stays 200 without the queue engine, because jobs are still accepted', async () => {
    const { url } = await startApi((api) => {
      api.health.engine = { ...api.health.engine, ping: () => Promise.reject(new Error('away')) };
    });
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: 'ok', database: 'ok', queue: 'unavailable' });
  });
});

describe('a process that was asked to stop', () => {
  test('reports it, accepts nothing new, and closes its connections', async () => {
    const stopping = new AbortController();
    const { url } = await startApi(() => undefined, stopping);
    expect((await readiness(url)).response.status).toBe(200);
    const before = await countEffects(kiln);
    stopping.abort();

    const { response, body } = await readiness(url);
    expect(response.status).toBe(503);
    expect(response.headers.get('connection')).toBe('close');
    expect(body).toEqual({ status: 'draining', database: 'ok', queue: 'ok' });
    expect((await fetch(`${url}/livez`)).status).toBe(200);

    const refused = await postJson(`${url}/v1/jobs`, { prompt: 'A boat' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('retry-after-ms')).toBe('1000');
    expect(refused.headers.get('x-should-retry')).toBeNull();
    expect(refused.headers.get('connection')).toBe('close');
    expect(await readError(refused)).toMatchObject({
      status: 503,
      type: 'server_error',
      code: 'shutting_down',
    });
    expect(await countEffects(kiln)).toEqual(before);
  });
});

/** Starts a further API on the same records; `change` runs before it is built. */
async function startApi(
  change: (api: ReturnType<typeof createApiDeps>) => void,
  stopping = new AbortController(),
) {
  const api = createApiDeps(kiln.deps, stopping.signal);
  change(api);
  const app = await buildApp(api, createLogger({ name: 'another', level: 'silent' }));
  atEndOfFile(async () => {
    await app.close();
    await api.close();
  });
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }) };
}
