/**
 * Measures jobs per second through a whole worker process, and through a bare BullMQ worker, each
 * on its own engine; and the processor time of a job in each process.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '@kiln/shared/deps';
import type { Pool } from 'pg';
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine, type BenchEngine, type engineNames } from './engines.ts';
import { fillJobs } from './fill-jobs.ts';
import { startApi, startChild, startWorker, type Child } from './kiln-processes.ts';
import { runLoad } from './load.ts';
import { readCpuMs } from './process-cpu.ts';
import { readServerCpu } from './server-cpu.ts';

export type Contender = 'kiln' | 'bare' | 'bare, flushed';

export interface Throughput {
  perSecond: number;
  /** Milliseconds of processor time a job, by process. */
  cpu: Record<'API' | 'PostgreSQL for the API' | 'worker' | 'PostgreSQL' | 'Redis', number>;
}

/** Share of the jobs that warm up the compiler and the connections. */
const warmUpShare = 0.2;
const submitters = 32;

export async function measureThroughput(
  contender: Contender,
  engineName: (typeof engineNames)[number],
  jobs: number,
): Promise<Throughput> {
  const engine = await openBenchEngine(engineName);
  const provider = await startChild('bench/support/zero-latency-provider.ts', {});
  const env = { ...engine.env, KILN_SIMULATOR_URL: provider.url, KILN_RPM: '1000000' };
  const deps = await openBenchDeps(env);
  try {
    const run =
      contender === 'kiln'
        ? await runKiln(deps, env, jobs)
        : await runBare(engine, env, jobs, contender, deps.records.pool);
    await checkCalls(provider, jobs);
    const submitting = contender === 'kiln' ? await submit(deps, env, jobs) : [];
    const toCpu = (ms = 0) => ms / jobs;
    return {
      perSecond: rateOf(run.times),
      cpu: {
        API: toCpu(submitting[0]),
        'PostgreSQL for the API': toCpu(submitting[1]),
        worker: toCpu(run.workerMs),
        PostgreSQL: toCpu(run.postgresMs),
        Redis: toCpu(run.redisMs),
      },
    };
  } finally {
    await deps.close();
    await provider.stop();
    await engine.close();
  }
}

/** When each job was finished, and the processor time of all of them. */
interface Run {
  times: number[];
  workerMs: number;
  postgresMs: number;
  redisMs: number;
}

/** Reads the processor time from a worker's readiness to the end of its work. */
async function measured(
  worker: Child,
  servers: { database: Pool; redisUrl: string | undefined },
  work: () => Promise<number[]>,
): Promise<Run> {
  const read = async () => ({
    ...(await readServerCpu(servers.database, servers.redisUrl)),
    workerMs: readCpuMs(worker.process.pid),
  });
  const before = await read();
  const times = await work();
  const after = await read();
  return {
    times,
    workerMs: after.workerMs - before.workerMs,
    postgresMs: after.postgresMs - before.postgresMs,
    redisMs: after.redisMs - before.redisMs,
  };
}

async function runKiln(deps: Deps, env: BenchEngine['env'], jobs: number): Promise<Run> {
  const { pool } = deps.records;
  await fillJobs(pool, { count: jobs, after: 0, deps });
  const worker = await startWorker({ ...env });
  try {
    const run = await measured(worker, { database: pool, redisUrl: env.REDIS_URL }, async () => {
      await untilDone(deps);
      return [];
    });
    const { rows } = await pool.query<{ at: number; status: string }>(
      'select extract(epoch from finished_at)::float8 * 1000 as at, status from kiln.jobs ' +
        'order by finished_at',
    );
    if (rows.some(({ status }) => status !== 'succeeded')) throw new Error('a job did not succeed');
    return { ...run, times: rows.map(({ at }) => at) };
  } finally {
    await worker.stop();
  }
}

async function untilDone({ records }: Deps): Promise<void> {
  for (;;) {
    const { rows } = await records.pool.query(
      "select 1 from kiln.jobs where status = 'queued' union all select 1 from kiln.jobs where " +
        "status = 'in_progress' limit 1",
    );
    if (rows.length === 0) return;
    await delay(300);
  }
}

async function runBare(
  engine: BenchEngine,
  env: BenchEngine['env'],
  jobs: number,
  contender: Contender,
  database: Pool,
): Promise<Run> {
  const worker = await startChild('bench/baselines/bare-worker.ts', {
    ...env,
    BENCH_JOBS: String(jobs),
    BENCH_FOLDER: join(engine.database.folder, 'bare'),
    BENCH_FLUSH: contender === 'bare, flushed' ? 'yes' : '',
  });
  try {
    return await measured(worker, { database, redisUrl: env.REDIS_URL }, async () => {
      const [{ times }] = (await once(worker.process, 'message')) as [{ times: number[] }];
      return times;
    });
  } finally {
    await worker.stop();
  }
}

/** Submits as many jobs to an API process; returns its processor time and PostgreSQL's. */
async function submit(deps: Deps, env: BenchEngine['env'], jobs: number): Promise<number[]> {
  const api = await startApi({ ...env });
  const read = async () => [
    readCpuMs(api.process.pid),
    (await readServerCpu(deps.records.pool)).postgresMs,
  ];
  try {
    const body = (index: number) =>
      JSON.stringify({ prompt: `A small boat, number ${index}`, quality: 'low' });
    const load = { url: `${api.url}/v1/jobs`, connections: submitters, body };
    await runLoad({ ...load, requests: Math.ceil(jobs * warmUpShare) });
    const before = await read();
    await runLoad({ ...load, requests: jobs });
    return (await read()).map((ms, index) => ms - (before[index] ?? 0));
  } finally {
    await api.stop();
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
