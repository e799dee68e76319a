/** The dependencies with which a benchmark itself reads the records and queues jobs. */
import { parseConfig } from '@kiln/shared/config';
import { openDeps, type Deps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';

export function openBenchDeps(env: Readonly<Record<string, string>>): Promise<Deps> {
  return openDeps({
    config: parseConfig(env),
    log: createLogger({ name: 'bench', level: 'error' }),
    name: 'bench',
    databaseConnections: 2,
    queueConnections: 4,
    statementTimeoutMs: 30_000,
  });
}
