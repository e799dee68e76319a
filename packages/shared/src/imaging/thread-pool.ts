/**
 * A pool of threads that run one task each. A thread starts with the first task and ends after a
 * while without any. A task that takes too long or crashes ends its thread; the next one gets a new
 * thread. At most `threads` decoders run at once, also while a thread is ending. "Too long" is
 * processor time, so that a busy machine does not make a task look heavy; a longer limit in real
 * time only ends what got no processor. Used by `imaging.ts`; why not piscina:
 * docs/adr/0016-libraries.md.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

export interface ThreadPoolOptions {
  /** The module of a thread; it answers every message with a `ThreadAnswer`. */
  entry: URL;
  threads: number;
  /** Processor time of a task. */
  taskLimitMs: number;
  /** Real time of a task, longer than `taskLimitMs`. */
  wallLimitMs: number;
  /** A thread ends after this time without a task. */
  idleMs: number;
  /** How many tasks of each rank may wait for a thread. */
  maxQueue: number;
}

export type ThreadAnswer =
  /** `isSpent`: the thread uses too much memory; the next task gets a new one. */
  | { status: 'answered'; answer: unknown; isSpent: boolean }
  /** The task gave up at its own limit in real time. */
  | { status: 'out_of_time' };

export type TaskOutcome =
  | Extract<ThreadAnswer, { status: 'answered' }>
  /** The task used its processor time. */
  | { status: 'timed_out' }
  /** The machine had too little processor time for the task in all its real time. */
  | { status: 'starved' }
  | { status: 'crashed'; error: unknown }
  /** Too many tasks wait, or the pool is closed; the task did not run. */
  | { status: 'busy' };

/** A task that a request or a job waits for, or one that can be done at any time. */
export type TaskRank = 'waited_for' | 'background';

export interface ThreadPool {
  /**
   * Runs a task.
   * @param prepare runs when a thread is free, so that waiting tasks hold no data. Its errors are
   * rethrown; callers must limit its time.
   * @param rank a task in the background waits for all others
   */
  run(
    prepare: () => Promise<{ message: unknown; transfer: ArrayBuffer[] }>,
    rank?: TaskRank,
  ): Promise<TaskOutcome>;
  close(): Promise<void>;
}

export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  const idle: Worker[] = [];
  const timers = new WeakMap<Worker, NodeJS.Timeout>();
  const threads = new Set<Worker>();
  const waiting: Record<TaskRank, (() => void)[]> = { waited_for: [], background: [] };
  let running = 0;
  let isClosed = false;

  function acquire(): Worker {
    const thread = idle.pop() ?? start();
    clearTimeout(timers.get(thread));
    thread.ref();
    return thread;
  }

  function start(): Worker {
    // The heap of a thread stays small: picture data lies outside it.
    const thread = new Worker(options.entry, { resourceLimits: { maxOldGenerationSizeMb: 64 } });
    threads.add(thread);
    thread.once('exit', () => {
      threads.delete(thread);
      forget(thread);
    });
    // The waiting task gets the error; an idle thread is replaced.
    thread.on('error', () => undefined);
    return thread;
  }

  function release(thread: Worker): void {
    if (!threads.has(thread)) return;
    thread.unref();
    idle.push(thread);
    const endIdle = () => {
      forget(thread);
      void thread.terminate();
    };
    timers.set(thread, setTimeout(endIdle, options.idleMs).unref());
  }

  function forget(thread: Worker): void {
    const index = idle.indexOf(thread);
    if (index !== -1) idle.splice(index, 1);
  }

  /**
   * Ends a thread and waits for its end, so that no second decoder runs beside it, but not for
   * ever: a native decoder only learns of the termination when it returns.
   */
  async function end(thread: Worker): Promise<void> {
    await Promise.race([thread.terminate(), delay(options.wallLimitMs, undefined, { ref: false })]);
  }

  async function runOne(prepare: Parameters<ThreadPool['run']>[0]): Promise<TaskOutcome> {
    const { message, transfer } = await prepare();
    if (isClosed) return { status: 'busy' };
    const thread = acquire();
    const outcome = await runTask(thread, message, transfer, options);
    if (outcome.status === 'answered' && !outcome.isSpent) release(thread);
    else await end(thread);
    // A task that ended because the pool was closed says nothing about its picture.
    return isClosed && outcome.status !== 'answered' ? { status: 'busy' } : outcome;
  }

  return {
    async run(prepare, rank = 'waited_for') {
      const queue = waiting[rank];
      if (isClosed || queue.length >= options.maxQueue) return { status: 'busy' };
      if (running >= options.threads) await new Promise<void>((resolve) => queue.push(resolve));
      else running += 1;
      try {
        return isClosed ? { status: 'busy' } : await runOne(prepare);
      } finally {
        const next = waiting.waited_for.shift() ?? waiting.background.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
    async close() {
      isClosed = true;
      await Promise.all([...threads].map(end));
    },
  };
}

function runTask(
  thread: Worker,
  message: unknown,
  transfer: ArrayBuffer[],
  { taskLimitMs, wallLimitMs }: Pick<ThreadPoolOptions, 'taskLimitMs' | 'wallLimitMs'>,
): Promise<TaskOutcome> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const startedCpuMs = cpuBesideLoopMs();
    let timer = setTimeout(checkLimits, Math.min(taskLimitMs, wallLimitMs));
    const usedMs = () => cpuBesideLoopMs() - startedCpuMs;
    const outOfTime = (): TaskOutcome => ({
      status: usedMs() >= taskLimitMs ? 'timed_out' : 'starved',
    });
    function checkLimits(): void {
      const restMs = Math.min(taskLimitMs - usedMs(), startedMs + wallLimitMs - performance.now());
      if (restMs <= 0) settle(outOfTime());
      else timer = setTimeout(checkLimits, Math.max(restMs, shortestCheckMs));
    }
    const onAnswer = (answer: ThreadAnswer) =>
      settle(answer.status === 'answered' ? answer : outOfTime());
    const onError = (error: unknown) => settle({ status: 'crashed', error });
    const onExit = (code: number) => onError(new Error(`the thread ended with code ${code}`));
    function settle(outcome: TaskOutcome): void {
      clearTimeout(timer);
      thread.off('message', onAnswer).off('error', onError).off('exit', onExit);
      resolve(outcome);
    }
    thread.on('message', onAnswer).on('error', onError).on('exit', onExit);
    thread.postMessage(message, transfer);
  });
}

const shortestCheckMs = 50;

/**
 * Processor time of the process without the event loop. A native decoder works in threads that
 * cannot be measured alone, so this is at least what the task used.
 */
function cpuBesideLoopMs(): number {
  const [all, loop] = [process.cpuUsage(), process.threadCpuUsage()];
  return (all.user + all.system - loop.user - loop.system) / 1_000;
}
