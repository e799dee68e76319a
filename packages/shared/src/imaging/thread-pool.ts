/**
 * Threads that take one task at a time. One is started by the first task and ended when there has
 * been none for a while. A task that takes too long ends its thread, as does one that crashes it:
 * that task is refused, and the next one has a new thread.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

export interface ThreadPoolOptions {
  /** The module that a thread runs; it answers every message with a `ThreadAnswer`. */
  entry: URL;
  threads: number;
  taskLimitMs: number;
  /** After so long without a task a thread ends. */
  idleMs: number;
  /** Tasks that may wait for a thread. */
  longestQueue: number;
}

export interface ThreadAnswer {
  answer: unknown;
  /** It has become too large to be kept: the next task has a new one. */
  isSpent: boolean;
}

export type TaskOutcome =
  | ({ status: 'answered' } & ThreadAnswer)
  | { status: 'timed_out' }
  | { status: 'crashed'; error: unknown }
  /** Too many wait already, or the pool is closed: nothing was found out. */
  | { status: 'busy' };

export interface ThreadPool {
  /**
   * @param prepare is called when its turn has come, so that what waits holds nothing. What it
   * throws is thrown; whoever calls limits its time.
   */
  run(prepare: () => Promise<{ message: unknown; transfer: ArrayBuffer[] }>): Promise<TaskOutcome>;
  close(): Promise<void>;
}

export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  const idle: Worker[] = [];
  const timers = new WeakMap<Worker, NodeJS.Timeout>();
  const threads = new Set<Worker>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let isClosed = false;

  function take(): Worker {
    const thread = idle.pop() ?? start();
    clearTimeout(timers.get(thread));
    thread.ref();
    return thread;
  }

  function start(): Worker {
    // A thread's own heap holds next to nothing: pictures lie outside it.
    const thread = new Worker(options.entry, { resourceLimits: { maxOldGenerationSizeMb: 64 } });
    threads.add(thread);
    thread.once('exit', () => {
      threads.delete(thread);
      forget(thread);
    });
    thread.on('error', () => undefined); // told to whoever waits for its answer; without a task it is replaced
    return thread;
  }

  function giveBack(thread: Worker): void {
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
   * The decoder that runs in it is only told, and the next one is not started beside it; but
   * neither is it waited for without end.
   */
  async function end(thread: Worker): Promise<void> {
    await Promise.race([thread.terminate(), delay(options.taskLimitMs, undefined, { ref: false })]);
  }

  async function runOne(prepare: Parameters<ThreadPool['run']>[0]): Promise<TaskOutcome> {
    const { message, transfer } = await prepare();
    if (isClosed) return { status: 'busy' };
    const thread = take();
    const outcome = await ask(thread, message, transfer, options.taskLimitMs);
    if (outcome.status === 'answered' && !outcome.isSpent) giveBack(thread);
    else await end(thread);
    // What ended with the pool was ended by it: that says nothing of the task.
    return isClosed && outcome.status !== 'answered' ? { status: 'busy' } : outcome;
  }

  return {
    async run(prepare) {
      if (isClosed || waiting.length >= options.longestQueue) return { status: 'busy' };
      if (running >= options.threads) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return isClosed ? { status: 'busy' } : await runOne(prepare);
      } finally {
        const next = waiting.shift();
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

function ask(
  thread: Worker,
  message: unknown,
  transfer: ArrayBuffer[],
  limitMs: number,
): Promise<TaskOutcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle({ status: 'timed_out' }), limitMs);
    const onAnswer = (answer: ThreadAnswer) => settle({ status: 'answered', ...answer });
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
