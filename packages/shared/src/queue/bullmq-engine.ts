/** BullMQ as a `QueueEngine`, whatever backend it stands on. */
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
 * An engine that is away for less than this at a completion does not make the item run twice;
 * claims guard against the rest.
 */
const lockMs = 120_000;
/** Lost workers are counted on the job; BullMQ must not give an item up by itself. */
const stallsAllowed = 1_000;
/**
 * An empty queue wakes its worker when something comes; so often, in seconds, it is looked at all
 * the same.
 */
const drainedLookSeconds = 10;

export interface EngineTiming {
  /**
   * An item that was taken up longer ago is left to the records, which know whether its job is in
   * somebody's hands. BullMQ fetches the next item together with the completion of the last: where
   * the engine dies between the two it has handed out an item that nobody received.
   */
  takenUpMs: number;
  /** How long an item rests whose run threw: the database was away, or there is a mistake in us. */
  restAfterErrorMs: number;
}

export const engineTiming: EngineTiming = { takenUpMs: 5_000, restAfterErrorMs: 5_000 };

export interface BullmqParts<B extends IQueueBackend, C> {
  name: QueueEngine['name'];
  backend: BackendFactory<B, C>;
  /** Connections: producers share one, every worker blocks on its own. */
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
   * Ids only: the items themselves PostgreSQL reads one by one. It is also asked state by state: in
   * the direction in which items move, and at the end for those that went back meanwhile.
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
            Date.now() - (job?.processedOn ?? 0) < parts.timing.takenUpMs ? (job?.id ?? []) : [],
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
      // The records remember what happened; the engine forgets an item as soon as it has run.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: 1_000 } },
    },
    parts.backend,
  );
  queue.on('error', (err) =>
    parts.log.warn({ err, queue: queueName }, 'the queue reported an error'),
  );
  return queue;
}

/**
 * A queue that is opened while PostgreSQL is away remembers that for good, and everything asked of
 * it fails (BullMQ 6.7): one that has never answered is opened anew when it is wanted the next
 * time.
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
          used.queue.close().catch(() => undefined); // it holds nothing that works
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
      // The payload was written by us; the schema guards against an item of an older release.
      const outcome = await options.run(
        schema.parse(item.data) as Parameters<typeof options.run>[0],
      );
      if (outcome.status === 'done') return;
      delayMs = outcome.delayMs;
    } catch (err) {
      log.error({ err, item: item.id }, 'a work item failed and will run again');
      delayMs = parts.timing.restAfterErrorMs;
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
  worker.on('error', (err) => log.warn({ err }, 'the queue worker reported an error'));
  return {
    ready: async () => {
      await worker.waitUntilReady();
    },
    close: () => worker.close(),
  };
}
