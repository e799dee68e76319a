/**
 * The baseline of the throughput in `bench/dispatch.ts`: a child process with a BullMQ worker that
 * makes Kiln's own call (the same request, and the same reading of the answer) and writes the
 * picture to a file. No records, no pace, no spool.
 */
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '@kiln/shared/config';
import { callsAtATime } from '@kiln/shared/domain/capacity';
import { createProvider } from '@kiln/shared/provider/provider';
import { createPostgresBackend, createRedisBackend, withBackend, type Processor } from 'bullmq';
import { Redis } from 'ioredis';

const { BENCH_FOLDER: folder = '', BENCH_JOBS = '', BENCH_FLUSH: flush = '' } = process.env;
const jobs = Number(BENCH_JOBS);
const config = parseConfig(process.env);
const [deployment] = config.deployments;
const [pool] = config.pools;
if (deployment === undefined || pool === undefined) throw new Error('no provider is configured');
const provider = createProvider(config);
mkdirSync(folder, { recursive: true });

const times: number[] = [];
const { add, work } =
  config.redisUrl === null ? onPostgres(config.databaseUrl) : onRedis(config.redisUrl);
await add(
  Array.from({ length: jobs }, (_, index) => ({
    name: 'image',
    data: { prompt: `A small boat, number ${index}` },
    opts: { removeOnComplete: true },
  })),
);
process.send?.({ type: 'ready' });
work(async ({ id = '', data }) => {
  const answer = await provider.call(deployment, {
    model: deployment.defaultModel,
    request: { prompt: data.prompt, size: '1024x1024', quality: 'low' },
    sources: null,
    jobId: id,
    attemptNo: 1,
    requestId: id,
    signal: new AbortController().signal,
    onWritten: () => undefined,
    onPartial: () => undefined,
  });
  if (answer.status === 'fault') throw new Error(answer.fault.message);
  for (const [index, { bytes }] of answer.images.entries())
    await writeFile(join(folder, `${id}-${index}.png`), bytes, { flush: flush !== '' });
});
process.once('disconnect', () => process.exit(0));

type Work = Processor<{ prompt: string }, void>;

function onPostgres(databaseUrl: string) {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = { connectionString: databaseUrl, migrate: true, schema: 'bare' };
  const queue = new Queue<{ prompt: string }>('bare', { connection });
  return {
    add: queue.addBulk.bind(queue),
    work: (run: Work) =>
      new Worker<{ prompt: string }>('bare', run, options(connection)).on('completed', note),
  };
}

function onRedis(redisUrl: string) {
  const { Queue, Worker } = withBackend(createRedisBackend);
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue<{ prompt: string }>('bare', { connection });
  return {
    add: queue.addBulk.bind(queue),
    work: (run: Work) =>
      new Worker<{ prompt: string }>('bare', run, options(connection)).on('completed', note),
  };
}

/** The worker runs as many jobs at a time as Kiln's. */
function options<C>(connection: C) {
  return { connection, concurrency: callsAtATime(pool ?? { rpm: 6, ipm: null, tpm: null }) };
}

function note(): void {
  times.push(Date.now());
  if (times.length === jobs) process.send?.({ type: 'done', times });
}
