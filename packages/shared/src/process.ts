/**
 * Runs one process from start to exit: parse the configuration, create the logger, open, report
 * ready, wait for a signal, and shut down in named phases, each with a time limit. A second signal
 * exits at once. Over an IPC channel the parent learns that the process is ready; the process stops
 * when its parent ends. Used by the `main.ts` of every app.
 */
import { withDeadline } from './deadline.ts';
import type { Config } from './config.ts';
import { ConfigurationError } from './errors.ts';
import type { Logger } from './logger.ts';

export interface ShutdownPhase {
  name: string;
  /** The shutdown goes on without a phase that takes longer, and logs that. */
  limitMs: number;
  run(): Promise<unknown>;
}

export interface Opened {
  /** Fields that are logged and sent to the parent process. */
  ready: Readonly<Record<string, unknown>>;
  phases: readonly ShutdownPhase[];
}

export interface ProcessSetup {
  parse: () => Config;
  createLog: (level: string) => Logger;
}

/**
 * A signal to a process group arrives twice, from the terminal and from the parent. A second one
 * within this time counts as the same signal.
 */
const sameSignalMs = 1_000;

export async function runProcess(
  setup: ProcessSetup,
  open: (parts: { config: Config; log: Logger; stopping: AbortSignal }) => Promise<Opened>,
): Promise<void> {
  const config = parseOrExit(setup.parse);
  const log = setup.createLog(config.logLevel);
  const stop = new AbortController();
  const stopRequest = Promise.withResolvers<string>();
  let requestedAtMs = 0;

  function requestStop(reason: string): void {
    if (requestedAtMs !== 0 && Date.now() - requestedAtMs > sameSignalMs) {
      log.warn({ reason }, 'asked twice to stop: exiting now');
      process.exit(1);
    }
    requestedAtMs ||= Date.now();
    stopRequest.resolve(reason);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, requestStop);
  process.on('disconnect', () => requestStop('the parent process ended'));

  let opened: Opened;
  try {
    opened = await open({ config, log, stopping: stop.signal });
  } catch (error) {
    log.debug({ err: error }, 'the process could not start');
    return exitWith(explain(error, config));
  }
  log.info(opened.ready, 'ready');
  process.send?.({ type: 'ready', ...opened.ready });

  const reason = await stopRequest.promise;
  log.info({ reason }, 'stopping');
  stop.abort();
  const clean = await runPhases(opened.phases, log);
  log.info('stopped');
  process.exit(clean ? 0 : 1);
}

async function runPhases(phases: readonly ShutdownPhase[], log: Logger): Promise<boolean> {
  let clean = true;
  for (const { name, limitMs, run } of phases) {
    try {
      const outcome = await withDeadline(limitMs, run);
      if (outcome.status === 'late') {
        clean = false;
        log.error(
          { phase: name, limitMs },
          'a phase of the shutdown took too long and was left behind',
        );
      }
    } catch (err) {
      clean = false;
      log.error({ err, phase: name }, 'a phase of the shutdown failed');
    }
  }
  return clean;
}

function parseOrExit(parse: () => Config): Config {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return exitWith(error.message);
  }
}

function exitWith(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Turns the error of a failed start into one sentence, with advice for common mistakes. */
function explain(error: unknown, { port, host }: Config): string {
  if (!(error instanceof Error)) return String(error);
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const { code } = (first ?? error) as { code?: string };
  if (code === 'EADDRINUSE')
    return (
      `port ${port} on ${host} is in use: ` +
      'stop the process that listens there, or set PORT to another port'
    );
  if (error.name === 'MaxRetriesPerRequestError') return 'Redis at REDIS_URL does not answer';
  if (code === 'ECONNREFUSED')
    return `no PostgreSQL answers at DATABASE_URL: ${(first ?? error).message}`;
  return (first ?? error).message;
}
