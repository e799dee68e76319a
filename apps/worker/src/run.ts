/**
 * The worker process: reads the configuration, opens the connections and starts the workers. At its
 * stop it waits for calls under way, because they are paid for, and for nothing else longer than
 * five seconds: everything else can be begun again.
 */
import { parseConfig } from '@kiln/shared/config';
import { processConnections } from '@kiln/shared/config/connections';
import { openDeps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import { runProcess } from '@kiln/shared/process';
import type { StopSignals } from '@kiln/shared/stop-signals';
import { openWorkerDeps } from './deps.ts';
import { startHeartbeat } from './heartbeat.ts';
import { buildWorkers } from './workers.ts';

export function runWorker(signals: StopSignals, env: NodeJS.ProcessEnv): Promise<void> {
  return runProcess(
    {
      signals,
      environment: env,
      parse: () => parseConfig(env),
      createLog: (level) => createLogger({ name: 'worker', level }),
    },
    async ({ config, log, stopping }) => {
      const deps = await openDeps({
        config,
        log,
        name: 'worker',
        databaseConnections: processConnections.worker.records,
        queueConnections: processConnections.worker.queues,
        statementTimeoutMs: 30_000,
      });
      const worker = await openWorkerDeps(deps, stopping);
      const workers = buildWorkers(deps, worker);
      await workers.start();
      const heartbeat = await startHeartbeat(config.heartbeatFile, log);
      return {
        ready: { worker: worker.run.worker, engine: deps.engine.name },
        phases: [
          {
            name: 'finish the calls under way',
            limitMs: config.shutdownGraceMs,
            mustFinish: true,
            run: () => workers.finishCalls(),
          },
          // Deliveries have two seconds to be answered (`stoppingGraceMs` in deps.ts).
          { name: 'end the other work', limitMs: 3_000, run: () => workers.close() },
          { name: 'end the heartbeat', limitMs: 500, run: () => heartbeat.close() },
          { name: 'close the provider', limitMs: 500, run: () => worker.close() },
          { name: 'close the connections', limitMs: 1_000, run: () => deps.close() },
        ],
      };
    },
  );
}
