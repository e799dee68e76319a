/** Several deployments and pools: which one is called, and how two pools share one model. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolView } from '@kiln/shared/schemas/pool';
import { describe, expect, test } from 'vitest';
import { buildSimulator, type SimulatorOptions } from '../../../apps/simulator/src/app.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { engines, enginesOf } from '../../support/engines/engines.ts';
import { postJson, startKiln, type TestKiln } from '../../support/kiln.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { callAttemptsOf } from './support.ts';

async function startProvider(options: SimulatorOptions = {}) {
  const app = await buildSimulator({
    rpm: 0,
    latencyMs: { min: 0, max: 0 },
    pictures: 'tiny',
    ...options,
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  atEndOfFile(() => app.close());
  return {
    url,
    ledger: app.simulator.ledger,
    set: (payload: object) => app.inject({ method: 'PATCH', url: '/_control/settings', payload }),
    plan: (payload: object) => app.inject({ method: 'POST', url: '/_control/faults', payload }),
  };
}

function fileOf(content: object): { KILN_DEPLOYMENTS: string } {
  const path = join(temporaryFolder('deployments').path, 'deployments.json');
  writeFileSync(path, JSON.stringify(content));
  return { KILN_DEPLOYMENTS: path };
}

function azure(name: string, pool: string, endpoint: string, changes: object = {}) {
  return {
    name,
    pool,
    provider: 'azure',
    model: 'gpt-image-2',
    endpoint,
    api_key: 'k',
    ...changes,
  };
}

async function poolsOf(kiln: TestKiln): Promise<PoolView[]> {
  return ((await (await kiln.request('/v1/pools')).json()) as { data: PoolView[] }).data;
}

const submitAll = (kiln: TestKiln, count: number) =>
  Promise.all(Array.from({ length: count }, () => kiln.submit()));
const allEnded = (kiln: TestKiln, jobs: readonly { id: string }[]) =>
  Promise.all(jobs.map(({ id }) => kiln.ended(id)));

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('a missing deployment is avoided, probed, and used again when it exists', async () => {
    const provider = await startProvider({ deployments: { spare: 'gpt-image-2' } });
    const kiln = await startKiln({
      engine,
      env: {
        KILN_MINUTE_MS: '2000',
        ...fileOf({
          pools: [{ name: 'shared', rpm: 10 }],
          deployments: [
            azure('first', 'shared', provider.url),
            azure('spare', 'shared', provider.url),
          ].map((each) => ({ ...each, deployment: each.name })),
        }),
      },
    });
    const jobs = await allEnded(kiln, await submitAll(kiln, 6));
    expect(jobs.map(({ status, deployment }) => ({ status, deployment }))).toEqual(
      jobs.map(() => ({ status: 'succeeded', deployment: 'spare' })),
    );
    // Calls to the missing deployment were refused and not paid.
    expect(provider.ledger.tally().paid).toBe(6);
    const [shared] = await poolsOf(kiln);
    expect(shared).toMatchObject({
      status: 'open',
      deployments: [
        { name: 'first', status: 'paused', paused_reason: 'pool_paused_deployment' },
        { name: 'spare', status: 'open', paused_reason: null },
      ],
    });

    await provider.set({ deployments: { first: 'gpt-image-2', spare: 'gpt-image-2' } });
    const last = await waitFor(
      async () => {
        const job = await kiln.ended((await kiln.submit()).id);
        return job.deployment === 'first' && job;
      },
      { what: 'the first deployment to be used again' },
    );
    expect(last.status).toBe('succeeded');
    expect((await poolsOf(kiln))[0]?.deployments).toMatchObject([
      { status: 'open' },
      { status: 'open' },
    ]);
  });

  test('the pool pauses when its last deployment fails; resuming opens all of them', async () => {
    const provider = await startProvider({ deployments: {} });
    const kiln = await startKiln({
      engine,
      env: fileOf({
        pools: [{ name: 'shared', rpm: 60_000 }],
        deployments: [
          azure('first', 'shared', provider.url),
          azure('spare', 'shared', provider.url),
        ],
      }),
    });
    const job = await kiln.submit();
    const [paused] = await waitFor(
      async () => {
        const pools = await poolsOf(kiln);
        return pools[0]?.status === 'paused' && pools;
      },
      { what: 'the pool to be paused' },
    );
    expect(paused?.deployments).toMatchObject([{ status: 'paused' }, { status: 'paused' }]);
    // A probing call may have come since.
    const calls = await callAttemptsOf(kiln, job.id);
    expect(calls.slice(0, 2).map(({ deployment }) => deployment)).toEqual(['first', 'spare']);

    await provider.set({ deployments: null });
    await postJson(`${kiln.url}/v1/pools/shared/resume`, {});
    expect(await kiln.ended(job.id)).toMatchObject({ status: 'succeeded', deployment: 'first' });
  });

  test('a deployment that cannot be reached: the job tries another next', async () => {
    const provider = await startProvider();
    const kiln = await startKiln({
      engine,
      env: fileOf({
        pools: [{ name: 'shared', rpm: 60_000 }],
        deployments: [
          azure('dead', 'shared', 'http://127.0.0.1:1'),
          azure('spare', 'shared', provider.url),
        ],
      }),
    });
    const job = await kiln.ended((await kiln.submit()).id);
    expect(job).toMatchObject({ status: 'succeeded', deployment: 'spare', attempts: { made: 1 } });
    expect(provider.ledger.tally()).toMatchObject({ calls: 1, paid: 1 });
  });

  test('two pools serve one model at the sum of their paces, each within its own', async () => {
    // On a busy machine requests may arrive half a spacing closer together than they were sent.
    const quota = { rpm: 12, minuteMs: 6_000, quotaToleranceMs: 250 };
    const [east, west] = [await startProvider(quota), await startProvider(quota)];
    const kiln = await startKiln({
      engine,
      env: {
        KILN_MINUTE_MS: '6000',
        ...fileOf({
          pools: [
            { name: 'east', rpm: 12 },
            { name: 'west', rpm: 12 },
          ],
          deployments: [azure('east-2', 'east', east.url), azure('west-2', 'west', west.url)],
        }),
      },
    });
    const jobs = await submitAll(kiln, 16);
    const ended = await allEnded(kiln, jobs);
    expect(ended.every(({ status }) => status === 'succeeded')).toBe(true);
    const [one, other] = [east.ledger.tally(), west.ledger.tally()];
    expect(
      [...east.ledger.entries(), ...west.ledger.entries()].filter(({ status }) => status !== 200),
    ).toEqual([]);
    expect(one.calls + other.calls).toBe(16);
    // Each pool makes half of the calls, except for a start or two at both ends.
    expect(Math.abs(one.calls - other.calls)).toBeLessThanOrEqual(4);
  });

  test('a pool that has to wait for a day leaves its jobs to the other', async () => {
    const [east, west] = [await startProvider(), await startProvider()];
    await east.plan({ fault: 'azure quota, hint in the text only', times: null });
    const kiln = await startKiln({
      engine,
      env: fileOf({
        pools: [
          { name: 'east', rpm: 600 },
          { name: 'west', rpm: 600 },
        ],
        deployments: [azure('east-2', 'east', east.url), azure('west-2', 'west', west.url)],
      }),
    });
    const ended = await allEnded(kiln, await submitAll(kiln, 12));
    expect(ended.map(({ deployment }) => deployment)).toEqual(ended.map(() => 'west-2'));
    expect(west.ledger.tally().paid).toBe(12);
    expect(await poolsOf(kiln)).toMatchObject([
      { name: 'east', status: 'blocked' },
      { name: 'west', status: 'open' },
    ]);
  });
});

describe('the deployment in a new job', () => {
  test('is null while several may serve it; WEBP names the only one that can', async () => {
    const kiln = await startKiln({
      engine: engines[0]!,
      workers: false,
      env: fileOf({
        pools: [{ name: 'both', rpm: 6 }],
        deployments: [
          azure('west', 'both', 'https://west.example'),
          { name: 'open', pool: 'both', provider: 'openai', api_key: 'k' },
        ],
      }),
    });
    expect(await kiln.submit()).toMatchObject({
      model: 'gpt-image-2',
      deployment: null,
      warnings: [],
    });
    expect(await kiln.submit({ output_format: 'webp' })).toMatchObject({ deployment: 'open' });
    expect(await kiln.submit({ model: 'gpt-image-1-mini' })).toMatchObject({ deployment: 'open' });
  });
});
