/**
 * Redis is unavailable, or accepts connections and stays silent: jobs are still accepted at once,
 * and run when it is back.
 */
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../../../support/engines/database.ts';
import { postJson, startKiln, type TestKiln } from '../../../support/kiln.ts';
import { startPrivateRedis } from '../../../support/engines/redis.ts';
import { openSilentProxy } from '../../../support/network/silent-proxy.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { callsOf } from '../../worker/support.ts';

async function startOn(redisUrl: string): Promise<TestKiln> {
  const { url } = await createTestDatabase();
  const engine = { databaseUrl: url, redisUrl, prefix: 'kiln', close: async () => undefined };
  const kiln = await startKiln({ engine });
  expect(await kiln.ended((await kiln.submit()).id)).toMatchObject({ status: 'succeeded' });
  return kiln;
}

/** No request is refused or waits for the engine. */
async function submitMeanwhile(kiln: TestKiln): Promise<string[]> {
  const startedAtMs = performance.now();
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const response = await postJson(`${kiln.url}/v1/jobs`, { prompt: 'A boat' });
    expect(response.status).toBe(202);
    ids.push(((await response.json()) as { id: string }).id);
  }
  const ready = await kiln.request('/readyz');
  expect(performance.now() - startedAtMs).toBeLessThan(60_000);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ok', database: 'ok', queue: 'unavailable' },
  ]);
  for (const id of ids) expect((await kiln.read(id)).status).toBe('queued');
  return ids;
}

async function expectDrained(kiln: TestKiln, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
    expect(await callsOf(kiln, id)).toHaveLength(1);
  }
  await waitFor(
    async () => (await (await kiln.request('/readyz')).text()).includes('"queue":"ok"'),
    {
      what: 'the queue to be ready',
    },
  );
}

test('jobs are accepted while the engine is killed', async () => {
  const redis = await startPrivateRedis();
  const kiln = await startOn(redis.url);
  await redis.kill();
  const ids = await submitMeanwhile(kiln);
  await redis.restart();
  await expectDrained(kiln, ids);
});

test('jobs are accepted while the engine is silent', async () => {
  const proxy = await openSilentProxy((await startPrivateRedis()).url);
  const kiln = await startOn(proxy.url);
  onTestFinished(() => proxy.speak());
  proxy.silence();
  const ids = await submitMeanwhile(kiln);
  proxy.speak();
  await expectDrained(kiln, ids);
});
