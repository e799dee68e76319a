/**
 * Opens a fault environment for a test, on the run's engines or on private ones. It closes with the
 * test; the logs of a failed test stay in `.tmp/faults`.
 */
import { onTestFailed, onTestFinished } from 'vitest';
import { createTestDatabase, startPrivatePostgres } from '../../support/engines/database.ts';
import { startPrivateRedis } from '../../support/engines/redis.ts';
import { createTestBucket, storeOfRun } from '../../support/stores/test-stores.ts';
import {
  createEnvironment,
  type FaultEnvironment,
  type EnvironmentOptions,
} from './environment.ts';
import { keepLogs } from './keep-logs.ts';

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
  onTestFailed(({ task }) => {
    const folder = keepLogs(environment, `faults/${task.id}`);
    console.error(`The logs of the failed test are in ${folder}`); // eslint-disable-line no-console
  });
  return environment;
}
