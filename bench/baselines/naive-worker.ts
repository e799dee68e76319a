/**
 * The baseline of `bench/pace.ts`: a child process with the worker that most people write. BullMQ
 * with the quota as its limiter, five jobs at a time, the `openai` SDK with its own two retries,
 * and three tries for each job, on the same queue engine as Kiln's (PostgreSQL).
 */
import { createPostgresBackend, withBackend } from 'bullmq';
import OpenAI from 'openai';

const { DATABASE_URL: databaseUrl = '', BENCH_SIMULATOR: simulatorUrl = '' } = process.env;
const [jobs, rpm, minuteMs] = [
  process.env.BENCH_JOBS,
  process.env.BENCH_RPM,
  process.env.BENCH_MINUTE_MS,
].map(Number) as [number, number, number];

const { Queue, Worker } = withBackend(createPostgresBackend);
const connection = { connectionString: databaseUrl, migrate: true, schema: 'naive' };
const openai = new OpenAI({ baseURL: `${simulatorUrl}/v1`, apiKey: 'simulator' });

const queue = new Queue<{ prompt: string }>('naive', { connection });
await queue.addBulk(
  Array.from({ length: jobs }, (_, index) => ({
    name: 'image',
    data: { prompt: `naive ${index}` },
    opts: { attempts: 3 },
  })),
);
const worker = new Worker<{ prompt: string }>(
  'naive',
  async ({ data }) => {
    await openai.images.generate({ model: 'gpt-image-2', prompt: data.prompt, quality: 'low' });
  },
  { connection, concurrency: 5, limiter: { max: rpm, duration: minuteMs } },
);
process.send?.({ type: 'ready' });
const counts = { succeeded: 0, lost: 0 };
worker.on('completed', () => report('succeeded'));
worker.on('failed', (job) => {
  if (job === undefined || job.attemptsMade >= 3) report('lost');
});
process.once('disconnect', () => process.exit(0));

function report(outcome: keyof typeof counts): void {
  counts[outcome] += 1;
  if (counts.succeeded + counts.lost === jobs) process.send?.({ type: 'done', ...counts });
}
