/**
 * Measures how full Kiln keeps a quota in real time, as its provider sees it. The provider is a
 * simulator with the strictest quota: no minute, no ten seconds and no second, wherever they begin,
 * may hold a request too many, and none may be early.
 */
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '@kiln/shared/deps';
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine, type engineNames } from './engines.ts';
import { fillJobs } from './fill-jobs.ts';
import { startApi, startWorker } from './kiln-processes.ts';
import { readCpuMs } from './process-cpu.ts';
import { readServerCpu } from './server-cpu.ts';
import { startSimulator, type LedgerCall } from './simulator-process.ts';

const minuteMs = 60_000;
/** The least number of bulk jobs that wait when the interactive job is submitted. */
const backlog = 10_000;

export interface PaceRun {
  engine: (typeof engineNames)[number];
  rpm: number;
  answerMs: number;
  seconds: number;
  workers: number;
}

export async function measurePace(run: PaceRun) {
  const { rpm, answerMs, seconds } = run;
  const simulator = await startSimulator({
    rpm,
    minuteMs,
    latencyMs: String(answerMs),
    pictures: 'tiny',
  });
  const engine = await openBenchEngine(run.engine);
  try {
    await simulator.beStrict();
    const env = {
      ...engine.env,
      KILN_SIMULATOR_URL: simulator.url,
      KILN_RPM: String(rpm),
    };
    const deps = await openBenchDeps(env);
    const { pool } = deps.records;
    const count = backlog + Math.ceil((rpm * seconds) / 60);
    await fillJobs(pool, { count, after: 0, onlyBulk: true, deps });
    const api = await startApi(env);
    const workers = await Promise.all(
      Array.from({ length: run.workers }, (_, index) =>
        startWorker({ ...env, KILN_DATA_DIR: `${engine.env.KILN_DATA_DIR}/worker-${index}` }),
      ),
    );
    const readCpu = async (): Promise<Cpu> => ({
      worker: workers.reduce((sum, { process }) => sum + readCpuMs(process.pid), 0),
      ...(await readServerCpu(pool, engine.env.REDIS_URL)),
      simulator: readCpuMs(simulator.pid),
      ...readMachine(),
    });
    const before = await readCpu();
    const endsAtMs = performance.now() + seconds * 1_000;
    await delay((seconds * 1_000) / 3);
    await submit(api.url); // the first request of a process is slower than the others
    const interactive: Submitted[] = [];
    // The last submission has two spacings left to start in.
    const gapMs = Math.max(700, (minuteMs / rpm) * 0.9);
    while (performance.now() + gapMs + (2 * minuteMs) / rpm < endsAtMs && interactive.length < 9) {
      await delay(gapMs);
      interactive.push(await submit(api.url));
    }
    await delay(Math.max(0, endsAtMs - performance.now()));
    const endedAtMs = Date.now();
    const after = await readCpu();
    await Promise.all(workers.map((worker) => worker.stop())); // waits for the calls under way
    await api.stop();
    const calls = await simulator.ledger();
    const result = {
      ...summarise(calls, run, interactive),
      'starts missed': await countMissed(deps),
      'interactive, ms': await describeSteps(deps, calls, interactive),
      ...describeCpu(before, after, calls.filter(({ received_at: at }) => at < endedAtMs).length),
    };
    await deps.close();
    return result;
  } finally {
    simulator.close();
    await engine.close();
  }
}

/** Milliseconds of processor time, by process; of this machine: all of it, and what was left. */
type Cpu = Record<
  'worker' | 'postgresMs' | 'redisMs' | 'simulator' | 'machineMs' | 'idleMs',
  number
>;

function readMachine() {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idleMs: times.reduce((sum, { idle }) => sum + idle, 0),
    machineMs: times.reduce(
      (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
      0,
    ),
  };
}

function describeCpu(before: Cpu, after: Cpu, calls: number) {
  const used = (name: keyof Cpu): number => after[name] - before[name];
  const each = (name: keyof Cpu): number => round(used(name) / Math.max(1, calls), 2);
  return {
    'CPU ms a call, worker': each('worker'),
    PostgreSQL: each('postgresMs'),
    Redis: each('redisMs'),
    simulator: each('simulator'),
    // Other programs on the machine count as well.
    'machine busy': round(1 - used('idleMs') / used('machineMs'), 2),
  };
}

async function countMissed({ records }: Deps): Promise<number> {
  const { rows } = await records.pool.query<{ missed: number }>(
    "select count(*)::int as missed from kiln.attempts where error ->> 'code' = 'start_missed'",
  );
  return rows[0]?.missed ?? 0;
}

/** The medians of the steps of interactive jobs: accepted, dispatched, attempt opened, received. */
async function describeSteps(
  { records }: Deps,
  calls: readonly LedgerCall[],
  interactive: readonly Submitted[],
): Promise<string> {
  const { rows } = await records.pool.query<{ id: string; at: number[] }>(
    `select id, array(select extract(epoch from at)::float8 * 1000
       from unnest(array[created_at, dispatched_at, max(attempts.started_at)]) as at) as at
     from kiln.jobs join kiln.attempts on job_id = id where id = any($1) group by id`,
    [interactive.map(({ id }) => id)],
  );
  const receivedAt = new Map(calls.map((call) => [call.kiln_job_id, call.received_at]));
  const steps = interactive.flatMap(({ id, atMs }) => {
    const row = rows.find((each) => each.id === id);
    const times = [atMs, ...(row?.at ?? []), receivedAt.get(id) ?? Number.NaN];
    return row === undefined ? [] : [times.slice(1).map((at, index) => at - (times[index] ?? 0))];
  });
  return [0, 1, 2, 3]
    .map((step) => steps.map((each) => each[step] ?? 0).toSorted((one, other) => one - other))
    .map((sorted) => round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, 0))
    .join(' + ');
}

interface Submitted {
  id: string;
  atMs: number;
}

async function submit(url: string): Promise<Submitted> {
  const atMs = performance.timeOrigin + performance.now();
  const response = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a job that somebody waits for', quality: 'low' }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { id } = (await response.json()) as { id: string };
  return { id, atMs };
}

function summarise(
  calls: readonly LedgerCall[],
  { rpm }: PaceRun,
  interactive: readonly Submitted[],
) {
  const starts = calls
    .filter((call) => call.took_quota)
    .map((call) => call.received_at)
    .toSorted((one, other) => one - other);
  const [first = 0, last = 0] = [starts[0], starts.at(-1)];
  const receivedAt = new Map(calls.map((call) => [call.kiln_job_id, call.received_at]));
  const waits = interactive
    .map(
      ({ id, atMs }) =>
        ((receivedAt.get(id) ?? Number.POSITIVE_INFINITY) - atMs) / (minuteMs / rpm),
    )
    .toSorted((one, other) => one - other);
  return {
    starts: starts.length,
    // n starts span n − 1 spacings.
    utilisation: round((starts.length - 1) / (rpm * ((last - first) / minuteMs)), 4),
    '429s': calls.filter((call) => call.status === 429).length,
    'room, ms': round(Math.min(...[1, 6, 60].map((parts) => roomOf(starts, rpm, parts)))),
    // From submission to the provider, in spacings.
    'interactive, median': round(waits[Math.floor(waits.length / 2)] ?? Number.POSITIVE_INFINITY),
    'interactive, worst': round(waits.at(-1) ?? Number.POSITIVE_INFINITY),
  };
}

/** Returns how much longer than necessary the fullest slice was; below 0 it held one too many. */
function roomOf(starts: readonly number[], rpm: number, parts: number): number {
  const most = Math.ceil(rpm / parts);
  return starts.reduce((least, at, index) => {
    const before = starts[index - most];
    return before === undefined ? least : Math.min(least, at - before - minuteMs / parts);
  }, Number.POSITIVE_INFINITY);
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
