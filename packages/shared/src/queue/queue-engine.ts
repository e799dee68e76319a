/**
 * The port of the queue engine: BullMQ behind two small interfaces, the same on PostgreSQL and on
 * Redis. The engine decides when a work item runs, and runs it again when its worker dies. It
 * decides nothing about jobs: the records do.
 */
import type { Payload, QueueName } from './catalogue.ts';

export interface QueueEngine {
  readonly name: 'postgres' | 'redis';
  /** Checks version, settings and clock. Throws one sentence that says what to change. */
  check(): Promise<void>;
  /** Throws when the engine does not answer now. */
  ping(): Promise<void>;
  producer<Q extends QueueName>(kind: Q, queue: string): Producer<Q>;
  consume<Q extends QueueName>(consumer: ConsumerOptions<Q>): Consumer;
  close(): Promise<void>;
}

export interface WorkItem<Q extends QueueName> {
  /** Adding an id that the engine still holds changes nothing. */
  id: string;
  payload: Payload<Q>;
  /** Items without a priority run first. */
  priority?: number;
  /** An item without a priority that goes before all that wait, also before others like it. */
  isFirst?: boolean;
}

export interface Producer<Q extends QueueName> {
  /** Adds all items or throws; throws within seconds while the engine is unavailable. */
  add(items: readonly WorkItem<Q>[]): Promise<void>;
  /**
   * The ids of the items that wait, are delayed or have just become active: at most a window of
   * them and a few. An item that became active more than 5 s ago is not among them: it runs, or was
   * lost on its way to the consumer, and the engine cannot tell which.
   */
  heldIds(): Promise<Set<string>>;
  /**
   * The ids of the repetitions that have an item in the engine. A repetition without one was lost.
   */
  heldRepetitions(): Promise<Set<string>>;
  /** Adds an item at once and then every `everyMs`; calling it again changes nothing. */
  repeat(id: string, everyMs: number, payload: Payload<Q>): Promise<void>;
  close(): Promise<void>;
}

/** What the engine does with an item that has run. `later`: it stays and runs again. */
export type WorkOutcome = { status: 'done' } | { status: 'later'; delayMs: number };

export interface ConsumerOptions<Q extends QueueName> {
  kind: Q;
  queue: string;
  concurrency: number;
  run: (payload: Payload<Q>) => Promise<WorkOutcome>;
  /**
   * Called when `concurrency` items run and `waiting` urgent ones wait, which begin as soon as
   * running ones end. An item is urgent if its priority is one of `priorities`; 0: it has none.
   */
  urgent?: { priorities: readonly number[]; onWaiting: (waiting: number) => void };
}

export interface Consumer {
  /** Begins items from now on, as soon as the engine answers. Call it once. */
  start(): void;
  /** Begins no more items and waits for those that run. */
  close(): Promise<void>;
}
