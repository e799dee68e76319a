/** Builds the simulator without listening: `main.ts` and the tests do that. */
import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify';
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
  /** A file the ledger is appended to; without one it is kept in memory only. */
  ledgerPath?: string | null;
  logger?: FastifyServerOptions['logger'];
}

/** Bytes. A prompt of 32,000 characters is far below it, however it is escaped. */
const bodyLimit = 4 * 1024 * 1024;

export async function buildSimulator({
  ledgerPath = null,
  logger = false,
  ...settings
}: SimulatorOptions = {}): Promise<FastifyInstance> {
  const closing = new AbortController();
  const simulator = await openSimulator(
    { ...defaultSettings, ...settings },
    ledgerPath,
    closing.signal,
  );
  const app: FastifyInstance = Fastify({
    logger: logger ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // Hanging requests are the simulator's trade: closing must not wait for them.
    forceCloseConnections: true,
    // A keep-alive connection that the server ends at the moment the client writes would be a fault
    // nobody ordered.
    keepAliveTimeout: 600_000,
  });
  app.decorate('simulator', simulator);
  app.addHook('preClose', async () => closing.abort(new Error('The simulator is closing')));
  app.addHook('onClose', () => simulator.ledger.close());
  await app.register((scope) => registerControlRoutes(scope, simulator));
  await registerProviderRoutes(app, simulator);
  return app;
}
