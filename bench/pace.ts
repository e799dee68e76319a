/**
 * Question: how much of the quota do Kiln and the worker that most people write use, and at what
 * price? (That worker is BullMQ with the quota as its limiter, five jobs at a time, and the SDK
 * with its own retries.) Each has its own simulator: 6 requests a minute, answers after 10–120 s,
 * evenly distributed.
 *
 * All figures come from the simulator's ledger. `worst minute` is the most calls that arrived
 * within any 60 s, refused ones included. `paid twice` counts the jobs of which more than one call
 * was paid. Utilisation = starts that the provider accepted ÷ (rpm × minutes with backlog). All
 * jobs are submitted at the beginning, so from the first start to the last some job always waits,
 * and n starts use n − 1 spacings of that time.
 *
 * Time is scaled: a provider's minute lasts 6 s. The delays of the SDK and of the machine are not
 * scaled, nor the 20 ms by which the simulator lets a start be early. `--minute-ms 60000` runs in
 * real time, which takes 7 minutes for Kiln. Targets for Kiln: utilisation 0.99, no 429, worst
 * minute at most the quota.
 *
 * `--rpm 6,60,250,600,3000` asks another question: how full does Kiln alone keep quotas of any
 * speed, in real time (`support/pace-rates.ts`)? `--answer-ms` and `--engine` choose the answer
 * times and queue engines, `--seconds` the length of a run, `--workers` how many workers share the
 * quota. Targets: utilisation 0.99, 0.99, 0.985, 0.98, 0.95; no 429; an interactive job that is
 * submitted into 10,000 bulk ones starts within two spacings. `room` is by how much the fullest
 * slice of 1 s, 10 s or a minute was longer than it had to be.
 *
 * `--meters` asks how full three meters at once are kept: 60 requests, 100 images and 200,000
 * tokens a minute, jobs of one to four images, in real time (`support/pace-meters.ts`). Targets:
 * utilisation of the tightest 0.97, no 429.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBenchDatabase } from './support/bench-database.ts';
import { engineNames } from './support/engines.ts';
import { startApi, startChild, startWorker } from './support/kiln-processes.ts';
import { measureMeters } from './support/pace-meters.ts';
import { measurePace } from './support/pace-rates.ts';
import { startSimulator, type LedgerCall } from './support/simulator-process.ts';

const { values } = parseArgs({
  options: {
    'minute-ms': { type: 'string', default: '6000' },
    jobs: { type: 'string', default: '40' },
    rpm: { type: 'string' },
    'answer-ms': { type: 'string', default: '2000,30000' },
    engine: { type: 'string', default: engineNames.join(',') },
    seconds: { type: 'string', default: '60' },
    workers: { type: 'string', default: '1' },
    meters: { type: 'boolean', default: false },
  },
});
const rpm = 6;
const [minuteMs, jobs] = [Number(values['minute-ms']), Number(values.jobs)];
const latencyMs = `${Math.round(minuteMs / 6)}-${minuteMs * 2}`;

if (values.meters) await measureThreeMeters();
else if (values.rpm === undefined) await compareWithNaiveWorker();
else await measureRates(values.rpm.split(',').map(Number));

async function measureThreeMeters(): Promise<void> {
  const quota = { rpm: 60, ipm: 100, tpm: 200_000 };
  const rows: Record<string, object> = {};
  for (const engine of engineNames.filter((name) => values.engine.split(',').includes(name)))
    for (const answerMs of values['answer-ms'].split(',').map(Number)) {
      const row = await measureMeters({ engine, quota, answerMs, seconds: Number(values.seconds) });
      rows[`${engine}, answers after ${answerMs / 1_000} s`] = row;
    }
  console.table(rows);
}

async function measureRates(rpms: readonly number[]): Promise<void> {
  const rows: Record<string, object> = {};
  for (const engine of engineNames.filter((name) => values.engine.split(',').includes(name)))
    for (const answerMs of values['answer-ms'].split(',').map(Number))
      for (const each of rpms) {
        const [seconds, workers] = [Number(values.seconds), Number(values.workers)];
        const row = await measurePace({ engine, rpm: each, answerMs, seconds, workers });
        const name = `${engine}, ${each} a minute, answers after ${answerMs / 1_000} s`;
        rows[name] = row;
        console.log(`${name}: ${JSON.stringify(row)}`);
      }
  console.table(rows);
}

async function compareWithNaiveWorker(): Promise<void> {
  if (jobs > 100)
    throw new Error(
      `--jobs: received ${jobs}; at most 100 are allowed, as one page of the list is counted`,
    );
  const kiln = await measure(runKiln);
  const naive = await measure(runNaive);
  console.log(
    `${jobs} jobs, ${rpm} requests a minute, a minute of ${minuteMs / 1000} s, answers after ` +
      `${latencyMs} ms`,
  );
  console.table({ Kiln: kiln, 'naive worker': naive });
}

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
    return { ...summarise(await simulator.ledger()), succeeded, lost: jobs - succeeded };
  } finally {
    simulator.close();
    await database.close();
  }
}

function summarise(calls: readonly LedgerCall[]) {
  const starts = calls
    .filter((call) => call.took_quota)
    .map((call) => call.received_at)
    .toSorted((one, other) => one - other);
  const paidCalls = new Map<string, number>(); // by prompt: each job has its own
  for (const { paid, prompt_sha256: prompt } of calls)
    if (paid) paidCalls.set(prompt, (paidCalls.get(prompt) ?? 0) + 1);
  const minutes = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / minuteMs;
  return {
    calls: calls.length,
    '429s': calls.filter((call) => call.status === 429).length,
    'worst minute': Math.max(
      ...starts.map(
        (from) =>
          calls.filter((call) => call.received_at >= from && call.received_at < from + minuteMs)
            .length,
      ),
    ),
    'paid twice': [...paidCalls.values()].filter((count) => count > 1).length,
    // n starts span n − 1 spacings.
    utilisation: Number(((starts.length - 1) / (rpm * minutes)).toFixed(4)),
  };
}

async function runKiln({
  databaseUrl,
  dataDir,
  simulatorUrl,
}: Run): Promise<{ succeeded: number }> {
  const env = {
    DATABASE_URL: databaseUrl,
    KILN_DATA_DIR: dataDir,
    KILN_SIMULATOR_URL: simulatorUrl,
    KILN_RPM: String(rpm),
    KILN_MINUTE_MS: String(minuteMs),
  };
  const [api, worker] = [await startApi(env), await startWorker(env)];
  const { url } = api;
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
    await api.stop();
    await worker.stop();
  }
}

async function runNaive({ databaseUrl, simulatorUrl }: Run): Promise<{ succeeded: number }> {
  const child = await startChild('bench/baselines/naive-worker.ts', {
    DATABASE_URL: databaseUrl,
    BENCH_SIMULATOR: simulatorUrl,
    BENCH_JOBS: String(jobs),
    BENCH_RPM: String(rpm),
    BENCH_MINUTE_MS: String(minuteMs),
  });
  try {
    const [{ succeeded }] = (await once(child.process, 'message')) as [{ succeeded: number }];
    return { succeeded };
  } finally {
    await child.stop();
  }
}
