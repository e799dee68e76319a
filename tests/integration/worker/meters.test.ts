/**
 * Quotas of images and tokens with real parts: the worker keeps to them in front of a provider that
 * referees them, and heeds what its answers say.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolView } from '@kiln/shared/schemas/pool';
import { expect, test } from 'vitest';
import { buildSimulator, type SimulatorOptions } from '../../../apps/simulator/src/app.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { engines } from '../../support/engines/engines.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { postJson, startKiln, type TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';

const [engine] = engines;
if (engine === undefined) throw new Error('there is no engine to test on');

const quick: SimulatorOptions = { rpm: 0, pictures: 'tiny', latencyMs: { min: 0, max: 0 } };
const fox = { prompt: 'a fox', size: '1024x1024', quality: 'low' };

async function startProvider(options: SimulatorOptions) {
  const app = await buildSimulator({ ...quick, ...options });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  atEndOfFile(() => app.close());
  return {
    url,
    set: (payload: object) => app.inject({ method: 'PATCH', url: '/_control/settings', payload }),
    counters: async () =>
      (await app.inject({ url: '/_control/ledger?limit=0' })).json<{
        counters: Record<string, number>;
      }>().counters,
  };
}

function fileOf(content: object): { KILN_DEPLOYMENTS: string } {
  const path = join(temporaryFolder('deployments').path, 'deployments.json');
  writeFileSync(path, JSON.stringify(content));
  return { KILN_DEPLOYMENTS: path };
}

const openai = (pool: string, url: string) => ({
  name: pool,
  pool,
  provider: 'openai',
  model: 'gpt-image-2',
  endpoint: `${url}/v1`,
  api_key: 'k',
});

async function poolOf(kiln: TestKiln, name: string): Promise<PoolView> {
  const { data } = (await (await kiln.request('/v1/pools')).json()) as { data: PoolView[] };
  return data.find((pool) => pool.name === name)!;
}

test('jobs of one to four images keep to three meters at once in any minute', async () => {
  const minuteMs = 3_000;
  const quota = { rpm: 60, ipm: 60, tpm: 20_000 };
  const kiln = await startKiln({
    engine,
    env: {
      KILN_RPM: '60',
      KILN_IPM: '60',
      KILN_TPM: '20000',
      KILN_MINUTE_MS: String(minuteMs),
    },
    // The quota forgives a start that a busy machine delays.
    simulator: { ...quota, minuteMs, quotaToleranceMs: 300, latencyMs: { min: 0, max: 200 } },
  });
  const jobs = await Promise.all(
    Array.from({ length: 40 }, (_, index) => kiln.submit({ ...fox, n: 1 + (index % 4) })),
  );
  for (const { id } of jobs) expect((await kiln.ended(id)).status).toBe('succeeded');
  const { counters } = await kiln.control<{ counters: Record<string, number> }>(
    'GET',
    'ledger?limit=0',
  );
  expect(counters).toMatchObject({ paid: 40, images: 100 });
  expect(counters['max_images_per_minute']).toBeLessThanOrEqual(quota.ipm);
  expect(counters['max_tokens_per_minute']).toBeLessThanOrEqual(quota.tpm);
  const { reported, warnings, ipm, tpm } = await poolOf(kiln, 'default');
  expect({ ipm, tpm, warnings }).toEqual({ ipm: 60, tpm: 20_000, warnings: [] });
  expect(reported).toMatchObject({
    deployment: 'simulator',
    requests: { limit: 60 },
    images: { limit: 60 },
    tokens: { limit: 20_000 },
  });
});

test('a heavy job goes to the pool that can take it, and is refused if there is none', async () => {
  const [small, large] = [await startProvider({}), await startProvider({})];
  const kiln = await startKiln({
    engine,
    env: fileOf({
      pools: [
        { name: 'small', ipm: 3, rpm: 60_000 },
        { name: 'large', ipm: 8, rpm: 60_000 },
      ],
      deployments: [openai('small', small.url), openai('large', large.url)],
    }),
  });
  const heavy = await kiln.submit({ ...fox, n: 8 });
  expect(await kiln.ended(heavy.id)).toMatchObject({ status: 'succeeded', deployment: 'large' });
  expect(await small.counters()).toMatchObject({ calls: 0 });

  const refused = await postJson(`${kiln.url}/v1/jobs`, { ...fox, n: 9 });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'unsupported_parameter',
      param: 'n',
      message: expect.stringContaining('8 images a minute (ipm of pool "large")') as unknown,
    },
  });
  const csv = 'prompt,n\na fox,1\na fox,9\n';
  const checked = await fetch(`${kiln.url}/v1/batches/validate`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: csv,
  });
  expect(await checked.json()).toMatchObject({
    valid: 1,
    problems: [
      { row: 2, column: 'n', message: expect.stringContaining('(ipm of pool "large")') as unknown },
    ],
  });
});

test('a pool uses what the provider says is left, and shows where it differs', async () => {
  const minuteMs = 3_000;
  const provider = await startProvider({ rpm: 120, minuteMs });
  const kiln = await startKiln({
    engine,
    env: {
      ...fileOf({
        pools: [{ name: 'only', rpm: 60 }],
        deployments: [openai('only', provider.url)],
      }),
      KILN_MINUTE_MS: String(minuteMs),
    },
  });
  await kiln.ended((await kiln.submit(fox)).id);
  await waitFor(async () => (await poolOf(kiln, 'only')).warnings.length > 0, {
    what: 'the difference to be shown',
  });
  expect(await poolOf(kiln, 'only')).toMatchObject({
    warnings: ['60 of 120 requests a minute are used: raise rpm to use them all'],
    reported: { requests: { limit: 120 } },
  });

  // The provider grants less from now on, and says so: the next answer uses all of it.
  await provider.set({ rpm: 1 });
  await kiln.ended((await kiln.submit(fox)).id);
  await waitFor(async () => (await poolOf(kiln, 'only')).blocked_reason === 'quota_used', {
    what: 'the pool to wait for the reset',
  });
  const before = await provider.counters();
  await kiln.ended((await kiln.submit(fox)).id);
  const { refused_by_429: refusedBefore } = before;
  expect(await provider.counters()).toMatchObject({ paid: 3, refused_by_429: refusedBefore });
});
