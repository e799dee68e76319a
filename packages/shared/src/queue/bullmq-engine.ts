/**
 * BullMQ as a `QueueEngine`, on either of its backends.
 *
 * It decides when a work item runs, and runs it again when its worker dies. Items carry ids only.
 * An item may run twice or be lost: claims prevent a second run of a job, and the reconciler finds
 * lost items. Used through `open-queue-engine.ts`.
 */
import {
  DelayedError,
  Queue,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type Job,
} from 'bullmq';
import type { Logger } from '../logger.ts';
import { catalogue, type QueueName } from './catalogue.ts';
import type { Consumer, ConsumerOptions, Producer, QueueEngine } from './queue-engine.ts';

/**
 * An outage of the engine shorter than this, when an item completes, does not make the item run
 * twice. Claims protect against longer ones.
 */
const lockMs = 120_000;
/** The job's record counts lost workers; BullMQ must not give up an item by itself. */
const stallsAllowed = 1_000;
/** How often, in seconds, a worker checks an empty queue, although the queue wakes it as well. */
const drainedLookSeconds = 10;

export interface EngineTiming {
  /**
   * An item that became active longer ago does not count as held: the records know whether its job
   * is claimed. BullMQ fetches the next item together with the completion of the last one, so when
   * the engine dies between the two, it has marked an item as active that no worker received.
   */
  recentlyActiveMs: number;
  /** The delay of an item whose run threw: the database was unavailable, or Kiln has a bug. */
  delayAfterErrorMs: number;
}

export const engineTiming: EngineTiming = { recentlyActiveMs: 5_000, delayAfterErrorMs: 5_000 };

export interface BullmqParts<B extends IQueueBackend, C> {
  name: QueueEngine['name'];
  backend: BackendFactory<B, C>;
  /** Producers share a connection; every worker blocks on its own. */
  producers: C;
  workers: C;
  prefix: string;
  timing: EngineTiming;
  log: Logger;
  check: () => Promise<void>;
  ping: () => Promise<void>;
  disconnect: () => Promise<void>;
}

export function createBullmqEngine<B extends IQueueBackend, C>(
  parts: BullmqParts<B, C>,
): QueueEngine {
  return {
    name: parts.name,
    check: parts.check,
    ping: parts.ping,
    producer: (_kind, queue) => createProducer(parts, queue),
    consume: (options) => createConsumer(parts, options),
    close: parts.disconnect,
  };
}

function createProducer<B extends IQueueBackend, C, Q extends QueueName>(
  parts: BullmqParts<B, C>,
  queueName: string,
): Producer<Q> {
  const reopened = createReopened(() => openQueue(parts, queueName));
  type Opened = ReturnType<typeof openQueue<B, C>>;

  /**
   * Reads ids only, because PostgreSQL reads the items themselves one by one. The states are read
   * in the direction in which items move; the delayed items are read again at the end, because
   * items may go back to that state.
   */
  async function heldIds(queue: Opened, readActive: () => Promise<string[]>): Promise<string[]> {
    const waiting = await queue.getRanges(['delayed', 'prioritized', 'waiting'], 0, -1);
    const active = await readActive();
    return [...waiting, ...active, ...(await queue.getRanges(['delayed'], 0, -1))];
  }

  return {
    add: (items) =>
      reopened.use(async (queue) => {
        await queue.addBulk(
          items.map((item) => ({
            name: queueName,
            data: item.payload,
            opts: {
              jobId: item.id,
              ...(item.priority === undefined ? {} : { priority: item.priority }),
            },
          })),
        );
      }),
    heldIds: () =>
      reopened.use(async (queue) => {
        const ids = await heldIds(queue, async () => {
          const active: (Job | undefined)[] = await queue.getJobs(['active']);
          return active.flatMap((job) =>
            Date.now() - (job?.processedOn ?? 0) < parts.timing.recentlyActiveMs
              ? (job?.id ?? [])
              : [],
          );
        });
        return new Set(ids);
      }),
    heldRepetitions: () =>
      reopened.use(async (queue) => {
        const ids = await heldIds(queue, () => queue.getRanges(['active'], 0, -1));
        return new Set(ids.flatMap((id) => /^repeat:(.+):\d+$/.exec(id)?.[1] ?? []));
      }),
    repeat: (id, everyMs, payload) =>
      reopened.use(async (queue) => {
        await queue.upsertJobScheduler(id, { every: everyMs }, { name: queueName, data: payload });
      }),
    close: () => reopened.close(),
  };
}

function openQueue<B extends IQueueBackend, C>(parts: BullmqParts<B, C>, queueName: string) {
  const queue = new Queue(
    queueName,
    {
      connection: parts.producers,
      prefix: parts.prefix,
      // The records keep what happened, so the engine forgets an item as soon as it has run.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: 1_000 } },
    },
    parts.backend,
  );
  queue.on('error', (err) =>
    parts.log.warn({ err, queue: queueName }, 'a queue reported an error'),
  );
  return queue;
}

/**
 * Opens a queue again if it has never answered. A queue that is opened while PostgreSQL is
 * unavailable fails for good (BullMQ 6.7).
 */
function createReopened<Opened extends { close(): Promise<void> }>(open: () => Opened) {
  let opened: { queue: Opened; hasAnswered: boolean } | null = null;
  return {
    async use<T>(action: (queue: Opened) => Promise<T>): Promise<T> {
      const used = (opened ??= { queue: open(), hasAnswered: false });
      try {
        const result = await action(used.queue);
        used.hasAnswered = true;
        return result;
      } catch (error) {
        if (!used.hasAnswered) {
          if (opened === used) opened = null;
          used.queue.close().catch(() => undefined); // it has no connection that works
        }
        throw error;
      }
    },
    close: async () => opened?.queue.close(),
  };
}

function createConsumer<B extends IQueueBackend, C, Q extends QueueName>(
  parts: BullmqParts<B, C>,
  options: ConsumerOptions<Q>,
): Consumer {
  const { payload: schema } = catalogue[options.kind];
  const log = parts.log.child({ queue: options.queue });

  async function run(item: Job, token: string | undefined): Promise<void> {
    let delayMs: number;
    try {
      // The schema refuses items that an older release has written.
      const outcome = await options.run(
        schema.parse(item.data) as Parameters<typeof options.run>[0],
      );
      if (outcome.status === 'done') return;
      delayMs = outcome.delayMs;
    } catch (err) {
      log.error({ err, item: item.id }, 'a work item failed; it runs again later');
      delayMs = parts.timing.delayAfterErrorMs;
    }
    await item.moveToDelayed(Date.now() + Math.ceil(delayMs), token);
    throw new DelayedError();
  }

  const worker = new Worker(
    options.queue,
    run,
    {
      connection: parts.workers,
      prefix: parts.prefix,
      autorun: false,
      concurrency: options.concurrency,
      lockDuration: lockMs,
      maxStalledCount: stallsAllowed,
      drainDelay: drainedLookSeconds,
      // Redis refuses a fraction of a millisecond.
      ...(options.spacingMs === null
        ? {}
        : { limiter: { max: 1, duration: Math.ceil(options.spacingMs) } }),
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      runRetryDelay: 1_000,
    },
    parts.backend,
  );
  worker.on('error', (err) => log.warn({ err }, 'a queue worker reported an error'));
  return {
    start: () => {
      worker.run().catch((err: unknown) => log.warn({ err }, 'a queue worker reported an error'));
    },
    close: () => worker.close(),
  };
}
