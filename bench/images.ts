/**
 * Question: what do large results cost a worker process? Images of 8 MB, 12 calls in flight,
 * answers after 2–6 s. Kiln keeps each image in the spool and in the store (a folder), both
 * flushed, and records it. The baseline in the same run parses and decodes the same answers and
 * writes them to two flushed files in a process that does nothing else.
 *
 * `added`: from the provider's last byte, when the system has taken it, to the notification that
 * the job has succeeded (baseline: to the end of the second write). The first answer of each call
 * in flight is a warm-up and is not counted. `memory`: peak of the process, from /proc, so on Linux
 * only. Targets for Kiln: under 400 MB; p99 of `added` under 150 ms.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listen } from '@kiln/shared/records/database/notifications';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { openBenchDeps } from './support/bench-deps.ts';
import { fillJobs } from './support/fill-jobs.ts';
import { startChild, startWorker, type Child } from './support/kiln-processes.ts';
import { readMemory } from './support/process-memory.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '120' },
    bytes: { type: 'string', default: '8000000' },
    latency: { type: 'string', default: '2000-6000' },
  },
});
const jobs = Number(values.jobs);
const atOnce = 12;
/**
 * A worker runs 12 jobs of such a pool; the minute is so short that the pace does not limit them.
 */
const pace = { KILN_RPM: '4', KILN_MINUTE_MS: '400' };

/**
 * Notifies within the transaction that ends the job, because the bench measures the commit, not
 * when the event can be read.
 */
const endedChannel = 'bench_job_ended';
const notifyEnds = `
  create function notify_end() returns trigger language plpgsql as $$
    begin perform pg_notify('${endedChannel}', new.id); return null; end $$;
  create trigger notify_end after update on kiln.jobs
    for each row when (new.status = 'succeeded') execute function notify_end()`;

interface Run {
  /** When each image was stored, by the id of its call. */
  keptAt: ReadonlyMap<string, number>;
  peakBytes: number;
}

const bare = await measure(runBare);
const kiln = await measure(runKiln);
console.log(
  `${jobs} pictures of ${(Number(values.bytes) / 1e6).toFixed(1)} MB, ${atOnce} in flight ` +
    '(target: p99 under 150 ms, memory under 400 MB)',
);
console.table({ 'bare work': bare, 'Kiln worker': kiln });

async function measure(run: (providerUrl: string) => Promise<Run>) {
  const provider = await startChild('bench/support/large-picture-provider.ts', {
    BENCH_BYTES: values.bytes,
    BENCH_LATENCY_MS: values.latency,
  });
  try {
    const { keptAt, peakBytes } = await run(provider.url);
    const { sentAt, mostInFlight } = (await (await fetch(provider.url)).json()) as {
      sentAt: [string, number][];
      mostInFlight: number;
    };
    if (sentAt.length !== jobs)
      throw new Error(`${sentAt.length} calls were made for ${jobs} jobs`);
    const added = sentAt.slice(atOnce).map(([id, at]) => (keptAt.get(id) ?? Number.NaN) - at);
    return {
      ...percentilesOf(added),
      'most in flight': mostInFlight,
      'memory, MB': Math.round(peakBytes / 1e6),
    };
  } finally {
    await provider.stop();
  }
}

async function runBare(providerUrl: string): Promise<Run> {
  // The baseline uses only the folder. The server runs so that the disk is as busy as in Kiln's
  // run.
  const database = await openBenchDatabase();
  try {
    const keeper = await startChild('bench/baselines/bare-keeper.ts', {
      BENCH_FOLDER: join(database.folder, 'bare'),
      BENCH_JOBS: String(jobs),
      BENCH_AT_ONCE: String(atOnce),
      BENCH_PROVIDER: providerUrl,
    });
    const [{ keptAt }] = (await once(keeper.process, 'message')) as [
      { keptAt: [string, number][] },
    ];
    return { keptAt: new Map(keptAt), peakBytes: await endWith(keeper) };
  } finally {
    await database.close();
  }
}

async function runKiln(providerUrl: string): Promise<Run> {
  const database = await openBenchDatabase();
  const env = {
    ...envOn(database),
    KILN_SIMULATOR_URL: providerUrl,
    ...pace,
  };
  const deps = await openBenchDeps(env);
  await deps.records.pool.query(notifyEnds);
  const keptAt = new Map<string, number>();
  const all = Promise.withResolvers<void>();
  const notices = listen({
    databaseUrl: database.url,
    channels: {
      [endedChannel]: (id) => {
        keptAt.set(id, performance.timeOrigin + performance.now());
        if (keptAt.size === jobs) all.resolve();
      },
    },
    onGap: () => undefined,
    log: deps.log,
  });
  try {
    await fillJobs(deps.records.pool, { count: jobs, after: 0, deps });
    const worker = await startWorker(env);
    await all.promise;
    const peakBytes = await endWith(worker);
    const { rows } = await deps.records.pool.query(
      "select 1 from kiln.jobs where status <> 'succeeded'",
    );
    if (rows.length > 0) throw new Error(`${rows.length} jobs did not succeed`);
    return { keptAt, peakBytes };
  } finally {
    await notices.close();
    await deps.close();
    await database.close();
  }
}

async function endWith(child: Child): Promise<number> {
  const peak = readMemory(child.process.pid, 'VmHWM');
  await child.stop();
  return peak;
}

function percentilesOf(times: readonly number[]) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) =>
    Math.round(
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN,
    );
  return { 'added p50, ms': at(0.5), 'added p99, ms': at(0.99), 'added most, ms': at(1) };
}
