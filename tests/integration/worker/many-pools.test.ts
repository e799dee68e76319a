/** Two hundred pools (regions × models × subscriptions) start and run within few connections. */
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import { enginesOf } from '../../support/engines/engines.ts';
import { withClient } from '../../support/engines/postgres-server.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { startKiln } from '../../support/kiln.ts';

const pools = Array.from({ length: 200 }, (_, index) => `pool-${index}`);
const models = ['gpt-image-1.5', 'gpt-image-1-mini', 'gpt-image-2', 'gpt-image-2.5-flare'];
const modelOf = (index: number): string => models[index % models.length] ?? '';
/** The most of an API and a worker together; the promise is forty each. */
const mostConnections = 40;

async function writeDeployments(): Promise<string> {
  const simulator = await buildSimulator({
    rpm: 0,
    latencyMs: { min: 0, max: 0 },
    pictures: 'tiny',
  });
  await simulator.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => simulator.close());
  const { port } = simulator.server.address() as AddressInfo;
  const file = join(temporaryFolder('pools').path, 'deployments.json');
  const deployments = pools.map((pool, index) => ({
    name: `of-${pool}`,
    pool,
    provider: 'openai',
    model: modelOf(index),
    endpoint: `http://127.0.0.1:${port}/v1`,
    api_key: 'key',
  }));
  writeFileSync(
    file,
    JSON.stringify({ pools: pools.map((name) => ({ name, rpm: 60 })), deployments }),
  );
  return file;
}

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('200 pools start, run jobs of every model and stay within forty connections', async () => {
    const kiln = await startKiln({ engine, env: { KILN_DEPLOYMENTS: await writeDeployments() } });
    const jobs = await Promise.all(
      Array.from({ length: 40 }, (_, index) => kiln.submit({ model: modelOf(index) })),
    );
    for (const { id } of jobs)
      expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
    const { rows } = await withClient(kiln.databaseUrl, (client) =>
      client.query<{ count: number }>(`select count(*)::int from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`),
    );
    expect(rows[0]!.count).toBeLessThanOrEqual(mostConnections);
    expect((await kiln.request('/readyz')).status).toBe(200);
  });
});
