/**
 * The queue engine as the rest of Kiln sees it: BullMQ behind two small interfaces, the same on
 * PostgreSQL and on Redis. It decides when a work item runs and runs it again when a worker dies;
 * it decides nothing about jobs, whose truth is in the records.
 */
import type { Payload, QueueName } from './catalogue.ts';

export interface QueueEngine {
  readonly name: 'postgres' | 'redis';
  /** Version, settings and clock of the engine. Throws one sentence that says what to change. */
  check(): Promise<void>;
  /** Throws where the engine does not answer now. */
  ping(): Promise<void>;
  producer<Q extends QueueName>(kind: Q, queue: string): Producer<Q>;
  consume<Q extends QueueName>(consumer: ConsumerOptions<Q>): Consumer;
  close(): Promise<void>;
}

export interface WorkItem<Q extends QueueName> {
  /** Adding an id the engine still holds changes nothing. */
  id: string;
  payload: Payload<Q>;
  /** Items without one go first. */
  priority?: number;
}

export interface Producer<Q extends QueueName> {
  /** All or an error; fails within seconds while the engine is away. */
  add(items: readonly WorkItem<Q>[]): Promise<void>;
  /**
   * The ids of the items that wait, are delayed or have just been taken up: at most a window's
   * worth and a few. One that was taken up more than 5 s ago runs, or was lost on its way to the
   * consumer; the engine cannot tell.
   */
  heldIds(): Promise<Set<string>>;
  /**
   * The ids of the repetitions that have an item among those held; one that is missing was lost.
   */
  heldRepetitions(): Promise<Set<string>>;
  /** Adds an item at once and then every `everyMs`; calling it again changes nothing. */
  repeat(id: string, everyMs: number, payload: Payload<Q>): Promise<void>;
  close(): Promise<void>;
}

/** What becomes of a work item. `later`: it stays with the engine and runs again. */
export type WorkOutcome = { status: 'done' } | { status: 'later'; delayMs: number };

export interface ConsumerOptions<Q extends QueueName> {
  kind: Q;
  queue: string;
  concurrency: number;
  /**
   * At most one item is taken up in so many milliseconds, by all consumers of the queue together;
   * null: no limit.
   */
  spacingMs: number | null;
  run: (payload: Payload<Q>) => Promise<WorkOutcome>;
}

export interface Consumer {
  /** Resolves when items are being taken up. */
  ready(): Promise<void>;
  /** Takes up no more items and waits for those that run. */
  close(): Promise<void>;
}
