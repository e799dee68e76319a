/**
 * A time limit for an answer, which received bytes may postpone.
 *
 * Problem: Node.js runs timers before it reads sockets. When the process was frozen, or its machine
 * slept or starved, a limit that passed meanwhile would end the call first, and throw away an
 * answer that has been paid for and waits in the socket.
 * Approach: a limit that fires late gives the sockets time to be read, and ends the call then.
 * Guarantee: a provider that is silent is given up at last, on a machine that starves for good too.
 */
export interface AnswerDeadline {
  /** Aborts when the limit has passed since the start or the last `touch`. */
  signal: AbortSignal;
  /** Starts the deadline, or postpones it. */
  touch(): void;
  stop(): void;
}

/** A timer that fires this much late means that the sockets were not read either. */
const stalledMs = 50;
/** How long an answer may take to be read after that: most of it may still be on its way. */
const readingMs = 5_000;
/** The process may be frozen again while it reads. */
const mostReadings = 5;

export function createAnswerDeadline(limitMs: number): AnswerDeadline {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let dueAtMs = 0;
  let readings = 0;

  function end(): void {
    const lateMs = performance.now() - dueAtMs;
    // A byte that came while the timer left time for reading has begun a longer limit.
    if (lateMs < -1) timer = setTimeout(end, -lateMs);
    else if (lateMs < stalledMs || readings === mostReadings) controller.abort();
    else {
      readings += 1;
      dueAtMs = performance.now() + readingMs;
      timer = setTimeout(end, readingMs);
    }
  }

  return {
    signal: controller.signal,
    touch() {
      dueAtMs = performance.now() + limitMs;
      readings = 0;
      if (timer === null) timer = setTimeout(end, limitMs);
      else timer.refresh();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
