/**
 * The API process: parses the configuration, opens, builds and listens; closes in reverse order.
 */
import { parseConfig } from '@kiln/shared/config';
import { openDeps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import { runProcess } from '@kiln/shared/process';
import { buildApp } from './app.ts';
import { createApiDeps } from './deps.ts';

await runProcess(
  {
    parse: () => parseConfig(process.env),
    createLog: (level) => createLogger({ name: 'api', level }),
  },
  async ({ config, log, stopping }) => {
    const deps = await openDeps({
      config,
      log,
      name: 'api',
      databaseConnections: 10,
      statementTimeoutMs: 4_000,
    });
    const api = createApiDeps(deps, stopping);
    const app = await buildApp(api, log);
    const url = await app.listen({ port: config.port, host: config.host });
    return {
      ready: { url },
      phases: [
        { name: 'answer the requests under way', limitMs: 10_000, run: () => app.close() },
        { name: 'stop listening for events', limitMs: 2_000, run: () => api.close() },
        { name: 'close the connections', limitMs: 5_000, run: () => deps.close() },
      ],
    };
  },
);
