/** The simulator process: parses the configuration, listens, and closes on a signal. */
import { buildSimulator } from './app.ts';
import { ConfigError, parseConfig, type Config } from './config.ts';

/** Closing cuts every connection, so a longer wait means that something is stuck. */
const closeLimitMs = 10_000;

/** Receives the function that is called with every request to stop. */
export type OnStopRequest = (request: (reason: string) => void) => void;

export async function runSimulator(
  env: NodeJS.ProcessEnv,
  onStopRequest: OnStopRequest,
): Promise<void> {
  try {
    await run(parseConfig(env), onStopRequest);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

async function run(
  { host, port, logLevel, ledgerPath, settings }: Config,
  onStopRequest: OnStopRequest,
): Promise<void> {
  const app = await buildSimulator({
    ...settings,
    ledgerPath,
    logger: { level: logLevel, name: 'simulator' },
  });

  let isClosing = false;
  const close = async (reason: string) => {
    // A second signal exits immediately.
    if (isClosing) process.exit(1);
    isClosing = true;
    app.log.info({ reason }, 'simulator closing');
    setTimeout(() => process.exit(1), closeLimitMs).unref();
    await app.close();
    process.exit(0);
  };
  onStopRequest((reason) => void close(reason));

  const url = await app.listen({ host, port });
  process.send?.({ type: 'listening', url });
}
