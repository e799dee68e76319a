/**
 * Question: how soon does an event reach a client, and what do waiting clients cost? 1,000 streams
 * on one API process, one worker, calls that are answered at once. `late` is the time from the
 * start of the statement that settles a job to the event at the client: the commit, the run that
 * gives the event its position, and the way through the API. Target: p99 under 100 ms. `bare` is
 * measured at the same time: a row and a `NOTIFY` in one commit, from the start of the statement to
 * the process of the clients.
 *
 *   own job      each client follows its own job; 20 jobs a second
 *   all          each client follows every success; 5 jobs a second, each sent to 1,000 clients
 *
 * Waiting: statements a second on the database by one API process, without clients and with 500
 * streams and 500 `Prefer: wait` requests for jobs that do not start. Target: waiting costs none.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Deps } from '@kiln/shared/deps';
import { setPaused } from '@kiln/shared/quota/pool-guard';
import { openBareNotices } from './baselines/bare-notices.ts';
import { openBenchDeps } from './support/bench-deps.ts';
import { openBenchEngine } from './support/engines.ts';
import { openEventClients } from './support/event-clients.ts';
import { fillJobs } from './support/fill-jobs.ts';
import { countStatements } from './support/idle-queries.ts';
import { startApi, startChild, startWorker, type Child } from './support/kiln-processes.ts';
import { readCpuMs } from './support/process-cpu.ts';

const { values } = parseArgs({
  options: { clients: { type: 'string', default: '1000' }, only: { type: 'string' } },
});
const clients = Number(values.clients);
const countedMs = 10_000;
/** Time until a thousand requests have arrived and the work of the start is done. */
const settlingMs = 5_000;

const scenes = {
  'own job': () =>
    measureLateness({
      jobs: 300,
      rpm: 1_200,
      urlOf: (api, jobId) => `${api.url}/v1/jobs/${jobId}/events`,
    }),
  all: () =>
    measureLateness({
      jobs: 250,
      rpm: 300,
      urlOf: (api) => `${api.url}/v1/events?types=job.succeeded`,
    }),
};
const isWanted = (name: string) => values.only === undefined || values.only === name;

const lateness: Record<string, object> = {};
for (const [name, measure] of Object.entries(scenes))
  if (isWanted(name)) lateness[name] = await measure();
if (Object.keys(lateness).length > 0) {
  console.log(`${clients} streams on one API process (target: p99 under 100 ms)`);
  console.table(lateness);
}
if (isWanted('waiting')) {
  console.log(
    'statements a second on the records, of one API process (target: waiting costs none)',
  );
  console.table(await measureWaiting());
}

async function measureLateness(scene: {
  jobs: number;
  rpm: number;
  urlOf: (api: Child, jobId: string) => string;
}) {
  const provider = await startChild('bench/support/zero-latency-provider.ts', {});
  return withKiln(
    { KILN_SIMULATOR_URL: provider.url, KILN_RPM: String(scene.rpm) },
    async (deps, env, api) => {
      const ids = await addJobs(deps, scene.jobs);
      const streams = await openEventClients(
        Array.from({ length: clients }, (_, index) =>
          scene.urlOf(api, ids[index % ids.length] ?? ''),
        ),
      );
      const notices = await openBareNotices(env['DATABASE_URL'] ?? '');
      const before = { told: streams.count(), cpuMs: readCpuMs(api.process.pid) };
      const worker = await startWorker(env);
      try {
        await untilEnded(deps);
        await delay(1_000); // the last events still have to arrive
        const bare = percentilesOf(await notices.close());
        const { rows } = await deps.records.pool.query<{ id: string; at: number }>(
          'select id, extract(epoch from created_at)::float8 * 1000 as at from kiln.events ' +
            "where type = 'job.succeeded'",
        );
        const late = rows.flatMap(({ id, at }) =>
          (streams.arrivals.get(id) ?? []).map((arrived) => arrived - at),
        );
        const told = streams.count() - before.told;
        const cpuMs = readCpuMs(api.process.pid) - before.cpuMs;
        return {
          jobs: rows.length,
          'events told': told,
          'late p50, ms': percentilesOf(late).p50,
          'p99, ms': percentilesOf(late).p99,
          'bare p50, ms': bare.p50,
          'bare p99, ms': bare.p99,
          'CPU of the API, µs an event told': Math.round((cpuMs * 1000) / told),
        };
      } finally {
        streams.close();
        await worker.stop();
        await provider.stop();
      }
    },
  );
}

function measureWaiting() {
  return withKiln({ KILN_SIMULATOR_URL: 'http://127.0.0.1:9' }, async (deps, _env, api) => {
    for (const { name } of deps.pools) await setPaused(deps.records.pool, name, true);
    const ids = await addJobs(deps, 500);
    const nobody = await statementsASecond(deps);
    const streams = await openEventClients(ids.map((id) => `${api.url}/v1/jobs/${id}/events`));
    const hungUp = new AbortController();
    const waits = ids.map((id) =>
      fetch(`${api.url}/v1/jobs/${id}`, {
        headers: { prefer: 'wait=60' },
        signal: hungUp.signal,
      }).catch(() => null),
    );
    const waiting = await statementsASecond(deps);
    hungUp.abort();
    streams.close();
    await Promise.all(waits);
    return { nobody, '500 streams and 500 long polls': waiting };
  });
}

async function statementsASecond({ records }: Deps) {
  await delay(settlingMs);
  await records.pool.query('select pg_stat_statements_reset()');
  await delay(countedMs);
  const { kiln } = await countStatements(records.pool);
  return { 'statements/s': Number(((kiln * 1000) / countedMs).toFixed(1)) };
}

async function withKiln<T>(
  settings: Record<string, string>,
  measure: (deps: Deps, env: Record<string, string>, api: Child) => Promise<T>,
): Promise<T> {
  const engine = await openBenchEngine('postgres', 'pg_stat_statements');
  const limits = { KILN_EVENT_STREAMS: '5000', KILN_EVENT_STREAMS_PER_CALLER: '5000' };
  const env = { ...engine.env, ...limits, ...settings };
  const deps = await openBenchDeps(env);
  try {
    const api = await startApi(env);
    try {
      return await measure(deps, env, api);
    } finally {
      await api.stop();
    }
  } finally {
    await deps.close();
    await engine.close();
  }
}

async function addJobs(deps: Deps, count: number): Promise<string[]> {
  await fillJobs(deps.records.pool, { count, after: 0, deps });
  const { rows } = await deps.records.pool.query<{ id: string }>('select id from kiln.jobs');
  return rows.map(({ id }) => id);
}

async function untilEnded({ records }: Deps): Promise<void> {
  const open = `select from kiln.jobs where status in ('queued', 'in_progress') limit 1`;
  while ((await records.pool.query(open)).rowCount !== 0) await delay(200);
}

function percentilesOf(times: readonly number[]) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) =>
    Math.round(
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN,
    );
  return { p50: at(0.5), p99: at(0.99) };
}
