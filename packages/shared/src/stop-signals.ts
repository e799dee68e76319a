/**
 * Listens for SIGTERM and SIGINT from the first moment of a process. The first process of a
 * container ignores a signal that it has no handler for, so a signal that arrives while Node.js
 * still loads our modules would be lost for good. Every `main.ts` therefore imports only this file,
 * calls `catchStopSignals`, and imports the rest afterwards. This file must import nothing.
 */

/** Called with the signal's name, or with a sentence, each time the process is asked to stop. */
export type StopListener = (reason: string) => void;

export interface StopSignals {
  /** From now on requests to stop go to the listener; until then they end the process at once. */
  listen(listener: StopListener): void;
}

/**
 * Also counts the end of the parent process as a request to stop, where the parent has opened an
 * IPC channel.
 */
export function catchStopSignals(): StopSignals {
  // Nothing has begun yet, so nothing has to be finished.
  let requestStop: StopListener = () => process.exit(0);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => requestStop(signal));
  process.on('disconnect', () => requestStop('the parent process ended'));
  return { listen: (listener) => void (requestStop = listener) };
}
