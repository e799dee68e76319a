/**
 * Measures how full Kiln keeps a quota in real time, as its provider sees it. The provider is a
 * simulator with the strictest quota: no minute, no ten seconds and no second, wherever they begin,
 * may hold a request too many, and none may be early.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine, type engineNames } from './engines.ts';
import { fillJobs } from './fill-jobs.ts';
import { startApi, startWorker } from './kiln-processes.ts';
import { readCpuMs } from './process-cpu.ts';
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
    await fill(env, backlog + Math.ceil((rpm * seconds) / 60));
    const api = await startApi(env);
    const workers = await Promise.all(
      Array.from({ length: run.workers }, (_, index) =>
        startWorker({ ...env, KILN_DATA_DIR: `${engine.env.KILN_DATA_DIR}/worker-${index}` }),
      ),
    );
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
    const cpuMs = workers.reduce((sum, { process }) => sum + readCpuMs(process.pid), 0);
    await Promise.all(workers.map((worker) => worker.stop())); // waits for the calls under way
    await api.stop();
    const calls = await simulator.ledger();
    return { ...summarise(calls, run, interactive), 'CPU ms a call': round(cpuMs / calls.length) };
  } finally {
    simulator.close();
    await engine.close();
  }
}

async function fill(env: Record<string, string>, count: number): Promise<void> {
  const deps = await openBenchDeps(env);
  try {
    await fillJobs(deps.records.pool, { count, after: 0, onlyBulk: true, deps });
  } finally {
    await deps.close();
  }
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
