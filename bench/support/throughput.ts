/**
 * Measures jobs per second through a whole worker process, and through a bare BullMQ worker, each
 * on its own engine.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '@kiln/shared/deps';
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine, type BenchEngine, type engineNames } from './engines.ts';
import { fillJobs } from './fill-jobs.ts';
import { startChild, startWorker, type Child } from './kiln-processes.ts';

export type Contender = 'kiln' | 'bare' | 'bare, flushed';

/** Share of the jobs that warm up the compiler and the connections. */
const warmUpShare = 0.2;

export async function measureThroughput(
  contender: Contender,
  engineName: (typeof engineNames)[number],
  jobs: number,
): Promise<number> {
  const engine = await openBenchEngine(engineName);
  const provider = await startChild('bench/support/zero-latency-provider.ts', {});
  try {
    const env = { ...engine.env, KILN_SIMULATOR_URL: provider.url, KILN_RPM: '1000000' };
    const times =
      contender === 'kiln' ? await runKiln(env, jobs) : await runBare(engine, env, jobs, contender);
    await checkCalls(provider, jobs);
    return rateOf(times);
  } finally {
    await provider.stop();
    await engine.close();
  }
}

async function runKiln(env: Record<string, string>, jobs: number): Promise<number[]> {
  const deps = await openBenchDeps(env);
  try {
    await fillJobs(deps.records.pool, { count: jobs, after: 0, deps });
    const worker = await startWorker(env);
    try {
      await untilDone(deps);
    } finally {
      await worker.stop();
    }
    const { rows } = await deps.records.pool.query<{ at: number; status: string }>(
      'select extract(epoch from finished_at)::float8 * 1000 as at, status from kiln.jobs order by finished_at',
    );
    if (rows.some(({ status }) => status !== 'succeeded')) throw new Error('a job did not succeed');
    return rows.map(({ at }) => at);
  } finally {
    await deps.close();
  }
}

async function untilDone({ records }: Deps): Promise<void> {
  for (;;) {
    const { rows } = await records.pool.query(
      `select 1 from kiln.jobs where status = 'queued' union all select 1 from kiln.jobs where status = 'in_progress' limit 1`,
    );
    if (rows.length === 0) return;
    await delay(300);
  }
}

async function runBare(
  engine: BenchEngine,
  env: Record<string, string>,
  jobs: number,
  contender: Contender,
): Promise<number[]> {
  const worker = await startChild('bench/baselines/bare-worker.ts', {
    ...env,
    BENCH_JOBS: String(jobs),
    BENCH_FOLDER: join(engine.database.folder, 'bare'),
    BENCH_FLUSH: contender === 'bare, flushed' ? 'yes' : '',
  });
  try {
    const [{ times }] = (await once(worker.process, 'message')) as [{ times: number[] }];
    return times;
  } finally {
    await worker.stop();
  }
}

/**
 * Checks that there was one call for each job, whichever process ran it: none lost, none repeated.
 */
async function checkCalls(provider: Child, jobs: number): Promise<void> {
  const { calls } = (await (await fetch(provider.url)).json()) as { calls: number };
  if (calls !== jobs) throw new Error(`the provider was called ${calls} times for ${jobs} jobs`);
}

function rateOf(times: readonly number[]): number {
  const from = Math.floor(times.length * warmUpShare);
  const [first = 0, last = 0] = [times[from], times.at(-1)];
  return ((times.length - 1 - from) / (last - first)) * 1000;
}
