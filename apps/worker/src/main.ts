/**
 * The worker process: reads the configuration, opens the connections and starts the workers. At its
 * stop it waits for calls under way, because they are paid for.
 */
import { parseConfig } from '@kiln/shared/config';
import { openDeps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import { runProcess } from '@kiln/shared/process';
import { openWorkerDeps } from './deps.ts';
import { buildWorkers } from './workers.ts';

await runProcess(
  {
    parse: () => parseConfig(process.env),
    createLog: (level) => createLogger({ name: 'worker', level }),
  },
  async ({ config, log, stopping }) => {
    const deps = await openDeps({
      config,
      log,
      name: 'worker',
      databaseConnections: 10,
      statementTimeoutMs: 30_000,
    });
    const worker = await openWorkerDeps(deps, stopping);
    const workers = buildWorkers(deps, worker);
    await workers.start();
    return {
      ready: { worker: worker.run.worker, engine: deps.engine.name },
      phases: [
        {
          name: 'finish the calls under way',
          limitMs: config.shutdownGraceMs,
          run: () => workers.close(),
        },
        { name: 'close the provider', limitMs: 5_000, run: () => worker.close() },
        { name: 'close the connections', limitMs: 5_000, run: () => deps.close() },
      ],
    };
  },
);
