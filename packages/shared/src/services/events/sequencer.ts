/**
 * Makes events readable: gives committed events their positions, soon after they were written.
 * Every process does this for the events that it writes; every five seconds each also looks for
 * events of a process that died before it could.
 */
import { withDeadline } from '../../deadline.ts';
import type { Logger } from '../../logger.ts';
import { longestStamping, stampEvents } from '../../records/events/event-log.ts';
import type { Database } from '../../records/database/open-records.ts';

export interface Sequencer {
  /** Must be called after events were written. */
  wake(): void;
  /** Resolves when every event that was committed before the call can be read. */
  stamp(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The runs of one process start this far apart: under load one run, with one commit, covers all
 * events of that time.
 */
const spacingMs = 20;
/** How long an event of a killed process waits at most. */
const recoveryMs = 5_000;
/** Bounds `close` if the database does not answer. */
const closingMs = 1_000;

export function createSequencer({ db, log }: { db: Database; log: Logger }): Sequencer {
  let closed = false;
  let isWakeRequested = false;
  let runs: Promise<void> = Promise.resolve();
  let isRunning = false;
  let lastRunMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  let dueAtMs = Number.POSITIVE_INFINITY;

  function schedule(inMs: number): void {
    const atMs = performance.now() + inMs;
    if (closed || atMs >= dueAtMs) return;
    if (timer !== null) clearTimeout(timer);
    dueAtMs = atMs;
    timer = setTimeout(() => {
      dueAtMs = Number.POSITIVE_INFINITY;
      run();
    }, inMs).unref();
  }

  function untilNextRunMs(): number {
    return Math.max(0, lastRunMs + spacingMs - performance.now());
  }

  function run(): void {
    isWakeRequested = false;
    isRunning = true;
    runs = stampAll()
      .then((dueMs) => dueMs ?? recoveryMs)
      .catch((err: unknown) => {
        log.warn({ err, retryMs: recoveryMs }, 'new events could not be made readable');
        return recoveryMs;
      })
      .then((nextMs) => {
        isRunning = false;
        schedule(
          isWakeRequested ? untilNextRunMs() : Math.min(recoveryMs, Math.max(spacingMs, nextMs)),
        );
      });
  }

  async function stampAll(): Promise<number | null> {
    lastRunMs = performance.now();
    for (;;) {
      const { stamped, dueMs } = await stampEvents(db);
      if (stamped < longestStamping) return dueMs;
    }
  }

  schedule(recoveryMs);
  return {
    wake() {
      isWakeRequested = true;
      if (!isRunning) schedule(untilNextRunMs());
    },
    async stamp() {
      await stampAll();
    },
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      // Stamp the last events here: there may be no other process to do it.
      const last = runs.then(() => (isWakeRequested ? stampAll() : null));
      await withDeadline(closingMs, () => last).catch((err: unknown) =>
        log.warn({ err }, 'the last events could not be made readable; another process has to'),
      );
    },
  };
}
