/**
 * BullMQ as a `QueueEngine`, on either of its backends.
 *
 * It decides when a work item runs, and runs it again when its worker dies. Items carry ids only.
 * An item may run twice or be lost: claims prevent a second run of a job, and the reconciler finds
 * lost items. All queues of a process share the backend's connections. Used through
 * `open-queue-engine.ts`.
 */
import {
  DelayedError,
  Queue,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type Job,
} from 'bullmq';
import { withDeadline } from '../deadline.ts';
import type { Logger, WarningLog } from '../logger.ts';
import { catalogue, type QueueName } from './catalogue.ts';
import type { Consumer, ConsumerOptions, Producer, QueueEngine } from './queue-engine.ts';
import { shareBackend } from './shared-backend.ts';
import { watchUrgentItems } from './urgent-items.ts';
import type { Wakes } from './wakes.ts';

/**
 * An outage of the engine shorter than this, when an item completes, does not make the item run
 * twice. Claims protect against longer ones.
 */
const lockMs = 120_000;
/** The job's record counts lost workers; BullMQ must not give up an item by itself. */
const stallsAllowed = 1_000;
/**
 * How often, in seconds, a worker looks at an empty queue although nothing woke it: an item that a
 * dead worker had delayed is announced to none. A process with many queues looks more seldom, so
 * that all of them together look twice a second at most.
 */
const lookSeconds = 20;
const looksPerSecond = 2;
/**
 * How often a worker looks for items of dead workers. The records return the jobs of dead workers
 * sooner; this removes their old items.
 */
const stalledLookMs = 30_000;
const stalledLooksPerSecond = 0.2;
/** How long a closing consumer waits for the engine after its last run has ended. */
const closeLimitMs = 1_000;

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

export interface BullmqParts {
  name: QueueEngine['name'];
  /** Makes the backend of a queue on the connection of producers, which fails fast. */
  producerBackend: BackendFactory;
  /** Makes the backend of a queue on the connection of consumers, which is kept up. */
  consumerBackend: BackendFactory;
  prefix: string;
  /** How many queues this process consumes. */
  queues: number;
  timing: EngineTiming;
  log: Logger;
  /** Takes the warnings that an outage repeats. */
  outages: WarningLog;
  wakes: Wakes;
  /** Wakes the consumers of a queue in every process. */
  announce: (queue: string) => Promise<void>;
  /** Called when the first consumer starts: listens for announcements. */
  listen: () => void;
  check: () => Promise<void>;
  ping: () => Promise<void>;
  disconnect: () => Promise<void>;
}

export function createBullmqEngine(parts: BullmqParts): QueueEngine {
  return {
    name: parts.name,
    check: parts.check,
    ping: parts.ping,
    producer: (_kind, queue) => createProducer(parts, queue),
    consume: (options) => createConsumer(parts, options),
    close: parts.disconnect,
  };
}

function createProducer<Q extends QueueName>(parts: BullmqParts, queueName: string): Producer<Q> {
  const queue = openQueue(parts, queueName);

  /**
   * Reads ids only, because PostgreSQL reads the items themselves one by one. The states are read
   * in the direction in which items move; the delayed items are read again at the end, because
   * items may go back to that state.
   */
  async function heldIds(readActive: () => Promise<string[]>): Promise<string[]> {
    const waiting = await queue.getRanges(['delayed', 'prioritized', 'waiting'], 0, -1);
    const active = await readActive();
    return [...waiting, ...active, ...(await queue.getRanges(['delayed'], 0, -1))];
  }

  return {
    async add(items) {
      await queue.addBulk(
        items.map((item) => ({
          name: queueName,
          data: item.payload,
          opts: {
            jobId: item.id,
            ...(item.priority === undefined ? {} : { priority: item.priority }),
            ...(item.isFirst === true && { lifo: true }),
          },
        })),
      );
      await parts.announce(queueName);
    },
    async heldIds() {
      const ids = await heldIds(async () => {
        const active: (Job | undefined)[] = await queue.getJobs(['active']);
        return active.flatMap((job) =>
          Date.now() - (job?.processedOn ?? 0) < parts.timing.recentlyActiveMs
            ? (job?.id ?? [])
            : [],
        );
      });
      return new Set(ids);
    },
    async heldRepetitions() {
      const ids = await heldIds(() => queue.getRanges(['active'], 0, -1));
      return new Set(ids.flatMap((id) => /^repeat:(.+):\d+$/.exec(id)?.[1] ?? []));
    },
    async repeat(id, everyMs, payload) {
      await queue.upsertJobScheduler(id, { every: everyMs }, { name: queueName, data: payload });
      await parts.announce(queueName);
    },
    close: () => queue.close(),
  };
}

function openQueue(parts: BullmqParts, queueName: string) {
  const queue = new Queue(
    queueName,
    {
      connection: {},
      prefix: parts.prefix,
      // The records keep what happened, so the engine forgets an item as soon as it has run.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: 1_000 } },
    },
    parts.producerBackend,
  );
  queue.on('error', (err) =>
    parts.outages.warn({ err, queue: queueName }, 'a queue reported an error'),
  );
  return queue;
}

function createConsumer<Q extends QueueName>(
  parts: BullmqParts,
  options: ConsumerOptions<Q>,
): Consumer {
  const { wakes, outages } = parts;
  const { queue } = options;
  const { payload: schema } = catalogue[options.kind];
  const log = parts.log.child({ queue });
  const runs = new Set<Promise<unknown>>();

  async function run(item: Job, token: string | undefined): Promise<void> {
    // An item that another release has written is dropped. The records know the work, and enqueue
    // it again.
    const payload = schema.safeParse(item.data);
    if (!payload.success) {
      log.error({ err: payload.error, item: item.id }, 'a work item cannot be read; it is dropped');
      return;
    }
    let delayMs: number;
    try {
      const running = options.run(payload.data as Parameters<typeof options.run>[0]);
      runs.add(running);
      urgent?.look();
      const outcome = await running.finally(() => runs.delete(running));
      if (outcome.status === 'done') return;
      delayMs = outcome.delayMs;
    } catch (err) {
      log.error({ err, item: item.id }, 'a work item failed; it runs again later');
      delayMs = parts.timing.delayAfterErrorMs;
    }
    await item.moveToDelayed(Date.now() + Math.ceil(delayMs), token);
    throw new DelayedError();
  }

  let backend: IQueueBackend | null = null;
  const worker = new Worker(
    queue,
    run,
    {
      connection: {},
      prefix: parts.prefix,
      autorun: false,
      concurrency: options.concurrency,
      lockDuration: lockMs,
      maxStalledCount: stallsAllowed,
      stalledInterval: Math.max(stalledLookMs, (parts.queues / stalledLooksPerSecond) * 1_000),
      drainDelay: Math.max(lookSeconds, parts.queues / looksPerSecond),
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      runRetryDelay: 1_000,
    },
    (name, workerOptions, factoryOptions) =>
      (backend = shareBackend(parts.consumerBackend(name, workerOptions, factoryOptions), {
        queue,
        wakes,
      })),
  );
  const urgent =
    options.urgent === undefined
      ? null
      : watchUrgentItems({
          ...options.urgent,
          queue,
          wakes,
          outages,
          isFull: () => runs.size >= options.concurrency,
          count: () => countItems(backend, options.urgent?.priorities ?? []),
        });
  worker.on('error', (err) => outages.warn({ err, queue }, 'a queue worker reported an error'));
  worker.on('stalled', () => wakes.wake(queue)); // its items are waiting again
  return {
    start() {
      parts.listen();
      worker
        .run()
        .catch((err: unknown) => outages.warn({ err, queue }, 'a queue worker reported an error'));
    },
    async close() {
      urgent?.close();
      const closed = worker.close();
      while (runs.size > 0) await Promise.allSettled(runs);
      // While the engine is away, BullMQ waits for it. What it would still tell the engine is not
      // needed: the records know what has run.
      const outcome = await withDeadline(closeLimitMs, () => closed);
      if (outcome.status === 'late')
        outages.warn({ queue }, 'the queue engine is away; a consumer was closed without it');
      // Another process may have to run the items that this one has delayed.
      else await withDeadline(closeLimitMs, () => parts.announce(queue)).catch(() => undefined);
    },
  };
}

async function countItems(
  backend: IQueueBackend | null,
  priorities: readonly number[],
): Promise<number> {
  const counts = await backend?.getCountsPerPriority([...priorities]);
  return (counts ?? []).reduce((sum, count) => sum + count, 0);
}
