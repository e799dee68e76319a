/**
 * Runs one process from start to exit: parse the configuration, create the logger, open, report
 * ready, wait for a signal, and shut down in named phases, each with a time limit. A signal during
 * the start ends the process at once, and so does a second one. Over an IPC channel the parent
 * learns that the process is ready; the process stops when its parent ends. An error that nothing
 * handles is logged and ends the process. Used by the `run.ts` of every app.
 */
import { withDeadline } from './deadline.ts';
import type { Config } from './config.ts';
import { ConfigurationError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { StopSignals } from './stop-signals.ts';

export interface ShutdownPhase {
  name: string;
  /** The shutdown goes on without a phase that takes longer, and logs that. */
  limitMs: number;
  /**
   * What is left behind is lost: requests are not answered, calls are paid for twice. The exit code
   * is then 1. All other work can be begun again by another process.
   */
  mustFinish?: boolean;
  run(): Promise<unknown>;
}

export interface Opened {
  /** Fields that are logged and sent to the parent process. */
  ready: Readonly<Record<string, unknown>>;
  phases: readonly ShutdownPhase[];
}

export interface ProcessSetup {
  signals: StopSignals;
  /** The environment that the SDKs read; secrets from files are added to it. */
  environment: Record<string, string | undefined>;
  parse: () => Config;
  createLog: (level: string) => Logger;
}

/**
 * A signal to a process group arrives twice, from the terminal and from the parent. A second one
 * within this time counts as the same signal.
 */
const sameSignalMs = 1_000;

/**
 * @param open opens everything. No paid call may begin before its promise resolves, because a stop
 * during the start does not wait for anything.
 */
export async function runProcess(
  setup: ProcessSetup,
  open: (parts: { config: Config; log: Logger; stopping: AbortSignal }) => Promise<Opened>,
): Promise<void> {
  const config = parseOrExit(setup.parse);
  Object.assign(setup.environment, config.sdkSecrets);
  const log = setup.createLog(config.logLevel);
  // Node.js then prints the error and ends the process with code 1.
  process.on('uncaughtExceptionMonitor', (err, origin) =>
    log.fatal({ err, origin }, 'the process ends because of an error that nothing handles'),
  );
  const stop = new AbortController();
  const stopRequest = Promise.withResolvers<string>();
  let isReady = false;
  let requestedAtMs = 0;

  setup.signals.listen((reason) => {
    if (!isReady) {
      log.info({ reason }, 'stopped before the process was ready');
      process.exit(0);
    }
    if (requestedAtMs !== 0 && Date.now() - requestedAtMs > sameSignalMs) {
      log.warn({ reason }, 'asked twice to stop: exiting now');
      process.exit(1);
    }
    requestedAtMs ||= Date.now();
    stopRequest.resolve(reason);
  });

  let opened: Opened;
  try {
    opened = await open({ config, log, stopping: stop.signal });
  } catch (error) {
    log.debug({ err: error }, 'the process could not start');
    return exitWith(explain(error, config));
  }
  isReady = true;
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
  for (const { name, limitMs, mustFinish = false, run } of phases) {
    try {
      const outcome = await withDeadline(limitMs, run);
      if (outcome.status === 'late') {
        clean &&= !mustFinish;
        log[mustFinish ? 'error' : 'warn'](
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
  return (first ?? error).message;
}
