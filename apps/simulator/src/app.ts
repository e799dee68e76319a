/** Builds the simulator; `main.ts` and the tests let it listen. */
import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { promptArrivals, watchArrivals } from './arrivals.ts';
import { registerControlRoutes } from './routes/control.ts';
import { registerProviderRoutes } from './routes/provider.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { openSimulator, type Simulator } from './simulator.ts';

declare module 'fastify' {
  interface FastifyInstance {
    simulator: Simulator;
  }
}

export interface SimulatorOptions extends Partial<Settings> {
  /** File that the ledger is appended to; without it the ledger is kept in memory only. */
  ledgerPath?: string | null;
  /**
   * Counts what a request waited for this process in the caller's favour, for a simulator that runs
   * in the process of a test.
   */
  forgivesStalls?: boolean;
  logger?: FastifyServerOptions['logger'];
}

/** Body limit in bytes: even a fully escaped prompt of 32,000 characters is far smaller. */
const bodyLimit = 4 * 1024 * 1024;

export async function buildSimulator({
  ledgerPath = null,
  forgivesStalls = false,
  logger = false,
  ...settings
}: SimulatorOptions = {}): Promise<FastifyInstance> {
  const closing = new AbortController();
  const arrivals = forgivesStalls ? watchArrivals() : promptArrivals;
  const simulator = await openSimulator(
    { ...defaultSettings, ...settings },
    { ledgerPath, arrivals, closing: closing.signal },
  );
  const app: FastifyInstance = Fastify({
    logger: logger ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // Close without waiting for hanging requests, which the simulator produces on purpose.
    forceCloseConnections: true,
    // Ending a keep-alive connection while the client writes would be a fault that no test ordered.
    keepAliveTimeout: 600_000,
  });
  app.decorate('simulator', simulator);
  app.addHook('preClose', async () => closing.abort(new Error('The simulator is closing')));
  app.addHook('onClose', () => {
    arrivals.close();
    return simulator.ledger.close();
  });
  await app.register((scope) => registerControlRoutes(scope, simulator));
  await registerProviderRoutes(app, simulator);
  return app;
}
