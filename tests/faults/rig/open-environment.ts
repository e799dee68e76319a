/**
 * Opens a fault environment for a test, on the run's engines or on private ones. It closes with the
 * test; the logs of a failed test stay in `.tmp/faults`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import { createTestDatabase, startPrivatePostgres } from '../../support/engines/database.ts';
import { startPrivateRedis } from '../../support/engines/redis.ts';
import { createTestBucket, storeOfRun } from '../../support/stores/test-stores.ts';
import {
  createEnvironment,
  type FaultEnvironment,
  type EnvironmentOptions,
} from './environment.ts';

const logs = join(import.meta.dirname, '..', '..', '..', '.tmp', 'faults');

export async function openEnvironment(
  options: EnvironmentOptions & { privatePostgres?: boolean },
): Promise<FaultEnvironment> {
  const postgres = options.privatePostgres === true ? await startPrivatePostgres() : null;
  const databaseUrl = postgres?.url ?? (await createTestDatabase()).url;
  const redis = options.engine === 'redis' ? await startPrivateRedis() : null;
  const environment = await createEnvironment(options, {
    databaseUrl,
    postgres,
    redis,
    store: createTestBucket(storeOfRun()),
  });
  onTestFinished(() => environment.close());
  onTestFailed(({ task }) => keepLogs(environment, task.id));
  return environment;
}

function keepLogs(environment: FaultEnvironment, name: string): void {
  const folder = join(logs, name);
  mkdirSync(folder, { recursive: true });
  for (const [index, { output }] of [
    environment.api,
    ...environment.formerApis,
    ...environment.workers,
  ].entries())
    writeFileSync(join(folder, `${index}.log`), output());
  writeFileSync(join(folder, 'ledger.json'), JSON.stringify(environment.ledger.entries(), null, 1));
  console.error(`The logs of the failed test are in ${folder}`); // eslint-disable-line no-console
}
