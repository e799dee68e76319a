/** Opens a queue engine on either backend, and loses work items on purpose. */
import { imagesQueueOf, type QueueName } from '@kiln/shared/queue/catalogue';
import { engineTiming } from '@kiln/shared/queue/bullmq-engine';
import { openQueueEngine } from '@kiln/shared/queue/open-queue-engine';
import type {
  Consumer,
  ConsumerOptions,
  Producer,
  QueueEngine,
  WorkItem,
} from '@kiln/shared/queue/queue-engine';
import { createPostgresBackend, createRedisBackend, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { atEndOfFile } from '../../support/end-of-file.ts';
import type { OpenEngine, QueueEngine as TestEngine } from '../../support/engines/engines.ts';
import { waitFor } from '../../support/wait-for.ts';
import { log } from '../records/support.ts';

export type ImageItem = WorkItem<'images'>;
type Run = ConsumerOptions<'images'>['run'];

export interface TestQueue {
  opened: OpenEngine;
  engine: QueueEngine;
  producer: Producer<'images'>;
  consume(
    run: Run,
    options?: Partial<Pick<ConsumerOptions<'images'>, 'concurrency' | 'urgent'>>,
  ): Promise<Consumer>;
}

export async function openQueue(
  engineOf: TestEngine,
  { queue = 'images-default', timing = engineTiming } = {},
): Promise<TestQueue> {
  const opened = await engineOf.open();
  const engine = await openQueueEngine({
    databaseUrl: opened.databaseUrl,
    redisUrl: opened.redisUrl,
    log,
    timing,
    ...(opened.redisUrl === null ? {} : { namespace: opened.prefix }),
  });
  await engine.check();
  const producer = engine.producer('images', queue);
  const closers: (() => Promise<void>)[] = [];
  atEndOfFile(async () => {
    for (const close of closers) await close();
    await producer.close();
    await engine.close();
  });
  return {
    opened,
    engine,
    producer,
    async consume(run, options = {}) {
      const consumer = engine.consume({
        kind: 'images' satisfies QueueName,
        queue,
        concurrency: 1,
        run,
        ...options,
      });
      closers.push(() => consumer.close());
      consumer.start();
      return consumer;
    },
  };
}

export function buildItem(name: string, priority?: number): ImageItem {
  return {
    id: name,
    payload: { jobId: name, dispatchNo: 1, requestId: 'req_test' },
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Loses the next item like a consumer whose connection is cut when the engine sends the item. */
export async function loseNextItem(
  { databaseUrl, redisUrl, prefix }: OpenEngine,
  queue = imagesQueueOf('default'),
): Promise<string> {
  const options = { prefix, autorun: false, lockDuration: 120_000 };
  const redis = redisUrl === null ? null : new Redis(redisUrl, { maxRetriesPerRequest: null });
  const worker =
    redis === null
      ? new Worker(
          queue,
          null,
          { ...options, connection: { connectionString: databaseUrl, schema: 'bullmq' } },
          createPostgresBackend,
        )
      : new Worker(queue, null, { ...options, connection: redis }, createRedisBackend);
  const item = await waitFor(
    () => worker.getNextJob('a connection that was cut', { block: false }),
    {
      what: 'the engine to send an item',
    },
  );
  await worker.close();
  redis?.disconnect();
  return String(item.id);
}
