/**
 * The API process: parses the configuration, opens, builds and listens; closes in reverse order.
 */
import { parseConfig } from '@kiln/shared/config';
import { processConnections } from '@kiln/shared/config/connections';
import { openDeps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import { runProcess } from '@kiln/shared/process';
import type { StopSignals } from '@kiln/shared/stop-signals';
import { buildApp } from './app.ts';
import { createApiDeps } from './deps.ts';

/** How long requests under way may take when the process is asked to stop. */
const requestsGraceMs = 10_000;

export function runApi(signals: StopSignals, env: NodeJS.ProcessEnv): Promise<void> {
  return runProcess(
    {
      signals,
      environment: env,
      parse: () => parseConfig(env),
      createLog: (level) => createLogger({ name: 'api', level }),
    },
    async ({ config, log, stopping }) => {
      const deps = await openDeps({
        config,
        log,
        name: 'api',
        databaseConnections: processConnections.api.records,
        queueConnections: processConnections.api.queues,
        statementTimeoutMs: 4_000,
      });
      const api = createApiDeps(deps, stopping);
      const app = await buildApp(api, log);
      const url = await app.listen({ port: config.port, host: config.host });
      return {
        ready: { url },
        phases: [
          {
            name: 'answer the requests under way',
            limitMs: requestsGraceMs,
            mustFinish: true,
            run: () => app.close(),
          },
          { name: 'stop listening for events', limitMs: 1_500, run: () => api.close() },
          { name: 'close the connections', limitMs: 2_500, run: () => deps.close() },
        ],
      };
    },
  );
}
