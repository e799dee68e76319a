/**
 * The life of a process: configuration, logger, open, ready; a signal; shutdown in ordered phases,
 * each with a name and a limit; exit. A second signal exits at once. A parent that started it with
 * an IPC channel hears when it is ready or why it is not, and is not outlived.
 */
import { withDeadline } from './deadline.ts';
import type { Config } from './config.ts';
import { ConfigurationError } from './errors.ts';
import type { Logger } from './logger.ts';

export interface ShutdownPhase {
  name: string;
  /** A phase that takes longer is left behind, and said. */
  limitMs: number;
  run(): Promise<unknown>;
}

export interface Opened {
  /** Told to the parent and the log. */
  ready: Readonly<Record<string, unknown>>;
  phases: readonly ShutdownPhase[];
}

export interface ProcessSetup {
  parse: () => Config;
  createLog: (level: string) => Logger;
}

/**
 * A signal to a whole process group arrives twice, from the group and from the parent; only a later
 * one means "now".
 */
const sameSignalMs = 1_000;

export async function runProcess(
  setup: ProcessSetup,
  open: (parts: { config: Config; log: Logger; stopping: AbortSignal }) => Promise<Opened>,
): Promise<void> {
  const config = parseOrExit(setup.parse);
  const log = setup.createLog(config.logLevel);
  const stop = new AbortController();
  const asked = Promise.withResolvers<string>();
  let askedAtMs = 0;

  function ask(reason: string): void {
    if (askedAtMs !== 0 && Date.now() - askedAtMs > sameSignalMs) {
      log.warn({ reason }, 'asked twice to stop: exiting now');
      process.exit(1);
    }
    askedAtMs ||= Date.now();
    asked.resolve(reason);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, ask);
  process.on('disconnect', () => ask('the parent process ended'));

  let opened: Opened;
  try {
    opened = await open({ config, log, stopping: stop.signal });
  } catch (error) {
    log.debug({ err: error }, 'the process could not start');
    return exitWith(explain(error, config));
  }
  log.info(opened.ready, 'ready');
  process.send?.({ type: 'ready', ...opened.ready });

  const reason = await asked.promise;
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

/** One sentence for the mistakes people make. */
function explain(error: unknown, { port, host }: Config): string {
  if (!(error instanceof Error)) return String(error);
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const { code } = (first ?? error) as { code?: string };
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is in use: stop what listens there, or set PORT to another`;
  if (error.name === 'MaxRetriesPerRequestError') return 'Redis at REDIS_URL does not answer';
  if (code === 'ECONNREFUSED') return `DATABASE_URL leads nowhere: ${(first ?? error).message}`;
  return (first ?? error).message;
}
