/**
 * Question: how much of the quota is used, and at what price, by Kiln and by the worker most people write? Each has a simulator of its own:
 * 6 requests a minute, answers after 10–120 s. Time is scaled: a provider's minute lasts 6 s (`--minute-ms 60000` for an unscaled run).
 * Utilisation = starts the provider took ÷ (rpm × minutes from the first start to the last). Targets for Kiln: 0.99, no 429, worst
 * minute at most the quota.
 */
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startNode } from '../scripts/start/supervise.ts';
import { openBenchDatabase } from './support/bench-database.ts';
import { startSimulator, type LedgerCall } from './support/simulator-process.ts';

const { values } = parseArgs({
  options: { 'minute-ms': { type: 'string', default: '6000' }, jobs: { type: 'string', default: '40' } },
});
const rpm = 6;
const [minuteMs, jobs] = [Number(values['minute-ms']), Number(values.jobs)];
if (jobs > 100) throw new Error('--jobs: at most 100, as one page of the list is counted');
const latencyMs = `${Math.round(minuteMs / 6)}-${minuteMs * 2}`;
const root = resolve(import.meta.dirname, '..');

const kiln = await measure(runKiln);
const naive = await measure(runNaive);
console.log(
  `${jobs} jobs, ${rpm} requests a minute, a minute of ${minuteMs / 1000} s, answers after ${latencyMs} ms`,
);
console.table({ Kiln: kiln, 'naive worker': naive });

interface Run {
  databaseUrl: string;
  dataDir: string;
  simulatorUrl: string;
}

async function measure(run: (parts: Run) => Promise<{ succeeded: number }>) {
  const simulator = await startSimulator({ rpm, minuteMs, latencyMs, pictures: 'tiny' });
  const database = await openBenchDatabase();
  try {
    const { succeeded } = await run({
      databaseUrl: database.url,
      dataDir: database.folder,
      simulatorUrl: simulator.url,
    });
    return { ...account(await simulator.ledger()), succeeded, lost: jobs - succeeded };
  } finally {
    simulator.close();
    await database.close();
  }
}

function account(calls: readonly LedgerCall[]) {
  const starts = calls
    .filter((call) => call.took_quota)
    .map((call) => call.received_at)
    .toSorted((one, other) => one - other);
  const paid = calls.filter((call) => call.paid);
  const minutes = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / minuteMs;
  return {
    calls: calls.length,
    '429s': calls.filter((call) => call.status === 429).length,
    'worst minute': Math.max(
      ...starts.map(
        (from) =>
          calls.filter((call) => call.received_at >= from && call.received_at < from + minuteMs).length,
      ),
    ),
    'paid twice': paid.length - new Set(paid.map((call) => call.prompt_sha256)).size,
    // n starts span n − 1 spacings.
    utilisation: Number(((starts.length - 1) / (rpm * minutes)).toFixed(4)),
  };
}

async function runKiln({ databaseUrl, dataDir, simulatorUrl }: Run): Promise<{ succeeded: number }> {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    KILN_DATA_DIR: dataDir,
    KILN_SIMULATOR_URL: simulatorUrl,
    KILN_RPM: String(rpm),
    KILN_MINUTE_MS: String(minuteMs),
    PORT: '0',
    LOG_LEVEL: 'error',
  };
  let url = '';
  const children = [
    await startNode({
      entry: 'apps/api/src/main.ts',
      cwd: root,
      env,
      onLog: () => undefined,
      onReady: (ready) => (url = ready.url ?? ''),
    }),
    await startNode({ entry: 'apps/worker/src/main.ts', cwd: root, env, onLog: () => undefined }),
  ];
  try {
    for (let index = 0; index < jobs; index++) {
      const response = await fetch(`${url}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: `kiln ${index}`, quality: 'low' }),
      });
      if (!response.ok) throw new Error(await response.text());
    }
    for (;;) {
      const pools = (await (await fetch(`${url}/v1/pools`)).json()) as {
        data: { backlog: number; in_flight: number }[];
      };
      if (pools.data.every((pool) => pool.backlog + pool.in_flight === 0)) break;
      await delay(100);
    }
    const list = (await (await fetch(`${url}/v1/jobs?status=succeeded&limit=100`)).json()) as {
      data: unknown[];
    };
    return { succeeded: list.data.length };
  } finally {
    for (const child of children) child.disconnect();
  }
}

async function runNaive({ databaseUrl, simulatorUrl }: Run): Promise<{ succeeded: number }> {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    BENCH_SIMULATOR: simulatorUrl,
    BENCH_JOBS: String(jobs),
    BENCH_RPM: String(rpm),
    BENCH_MINUTE_MS: String(minuteMs),
  };
  let succeeded = 0;
  const child = await startNode({
    entry: 'bench/support/naive-worker.ts',
    cwd: root,
    env,
    onLog: () => undefined,
    onReady: (done) => ({ succeeded } = { succeeded, ...done }),
  });
  child.disconnect();
  return { succeeded };
}
