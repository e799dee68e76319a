/**
 * Makes events readable: gives those that are committed their positions, soon after they were
 * written. Every process does it for what it writes itself; now and then each looks whether another
 * has died and left some.
 */
import { withDeadline } from '../../deadline.ts';
import type { Logger } from '../../logger.ts';
import { longestStamping, stampEvents } from '../../records/events/event-log.ts';
import type { Database } from '../../records/database/open-records.ts';

export interface Sequencer {
  /** Events have been written. */
  wake(): void;
  /** Resolves when every event that was committed before the call can be read. */
  stamp(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Turns of one process begin this far apart: under load each serves the events of that time, with
 * one commit.
 */
const spacingMs = 20;
/** How long an event of a process that was killed waits at most. */
const netMs = 5_000;
/** A database that does not answer must not hold up the end. */
const closingMs = 1_000;

export function createSequencer({ db, log }: { db: Database; log: Logger }): Sequencer {
  let closed = false;
  let isWakeRequested = false;
  let turns: Promise<void> = Promise.resolve();
  let isUnderWay = false;
  let lastTurnMs = Number.NEGATIVE_INFINITY;
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

  function untilNextTurnMs(): number {
    return Math.max(0, lastTurnMs + spacingMs - performance.now());
  }

  function run(): void {
    isWakeRequested = false;
    isUnderWay = true;
    turns = stampAll()
      .then((dueMs) => dueMs ?? netMs)
      .catch((err: unknown) => {
        log.warn({ err }, 'events could not be made readable; the next turn tries again');
        return netMs;
      })
      .then((nextMs) => {
        isUnderWay = false;
        schedule(
          isWakeRequested ? untilNextTurnMs() : Math.min(netMs, Math.max(spacingMs, nextMs)),
        );
      });
  }

  async function stampAll(): Promise<number | null> {
    lastTurnMs = performance.now();
    for (;;) {
      const { stamped, dueMs } = await stampEvents(db);
      if (stamped < longestStamping) return dueMs;
    }
  }

  schedule(netMs);
  return {
    wake() {
      isWakeRequested = true;
      if (!isUnderWay) schedule(untilNextTurnMs());
    },
    async stamp() {
      await stampAll();
    },
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      // What was written last is not left to others, of whom there may be none.
      const last = turns.then(() => (isWakeRequested ? stampAll() : null));
      await withDeadline(closingMs, () => last).catch((err: unknown) =>
        log.warn({ err }, 'the last events could not be made readable; another process will'),
      );
    },
  };
}
