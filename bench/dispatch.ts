/**
 * Three questions about the work between a job and its call.
 *
 * throughput: how many jobs a second does a worker process take from the records to stored
 *   pictures, when the quota is no limit and the provider answers at once? Compared with a bare
 *   BullMQ worker on the same engine with the same concurrency, which makes the same call by the
 *   same code and writes the picture to one file, as most people would (`bare, flushed` also
 *   flushes it). Kiln writes it to the spool and to the store, flushes both, and writes the ledger
 *   before and after the call; the difference in speed is the price of that promise. Target: at
 *   least 0.5 of the bare rate. The processor time of a job is printed for each process.
 * backlog: how long does adding one job to the engine take while 1,000, 100,000 and 1,000,000 jobs
 *   wait? Target: within a factor of 2.
 * idle: how many statements and commands a second do an idle API and worker send? Target: below 4.
 *
 * `--only throughput|backlog|idle` runs one of them; `--jobs` is the number of jobs of each run of
 * the first.
 */
import { parseArgs } from 'node:util';
import { measureBacklogs } from './support/backlog-times.ts';
import { engineNames } from './support/engines.ts';
import { measureIdle, type Scene } from './support/idle-queries.ts';
import { measureThroughput, type Contender } from './support/throughput.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, jobs: { type: 'string', default: '5000' } },
});
const parts = { throughput: compareThroughput, backlog: compareBacklogs, idle: countIdleQueries };
const names = Object.keys(parts) as (keyof typeof parts)[];
const wanted = values.only === undefined ? names : names.filter((name) => name === values.only);
if (wanted.length === 0)
  throw new Error(`--only: received ${values.only}; use one of ${names.join(', ')}`);
for (const name of wanted) await parts[name]();

async function compareThroughput(): Promise<void> {
  const contenders: Contender[] = ['bare', 'bare, flushed', 'kiln'];
  const table: Record<string, object> = {};
  const cpuTable: Record<string, object> = {};
  for (const engine of engineNames) {
    const rates: Record<string, number> = {};
    for (const contender of contenders) {
      const { perSecond, cpu } = await measureThroughput(contender, engine, Number(values.jobs));
      rates[contender] = Math.round(perSecond);
      const all = Object.values(cpu).reduce((sum, ms) => sum + ms, 0);
      cpuTable[`${engine}, ${contender}`] = Object.fromEntries(
        Object.entries({ ...cpu, all }).map(([name, ms]) => [name, toHundredths(ms)]),
      );
    }
    table[engine] = { ...rates, ratio: toHundredths((rates['kiln'] ?? 0) / (rates['bare'] ?? 0)) };
  }
  console.log(
    `jobs a second, ${values.jobs} jobs, a provider without latency (target: a ratio of 0.5)`,
  );
  console.table(table);
  console.log('milliseconds of processor time a job; the API submits apart from the rates above');
  console.table(cpuTable);
}

async function compareBacklogs(): Promise<void> {
  const all = await measureBacklogs([1_000, 100_000, 1_000_000]);
  const medians = all.map(({ p50 }) => p50);
  console.log('adding one job to the queue engine, ms');
  console.table(
    Object.fromEntries(
      all.map(({ backlog, p50, p95 }) => [
        backlog,
        { p50: toHundredths(p50), p95: toHundredths(p95) },
      ]),
    ),
  );
  console.log(
    `slowest ÷ fastest median: ${toHundredths(Math.max(...medians) / Math.min(...medians))} ` +
      `(target: 2 or less)\n`,
  );
}

/** All scenes run at the same time: idle systems do not disturb each other. */
async function countIdleQueries(): Promise<void> {
  const scenes: Record<Scene, string> = {
    empty: 'no backlog',
    blocked: '1000 jobs behind a blocked pool',
    paused: '1000 jobs behind a pool paused by hand',
  };
  const rows = await Promise.all(
    engineNames.flatMap((engine) =>
      (Object.keys(scenes) as Scene[]).map(async (scene) => {
        const { kiln, queue } = await measureIdle(engine, scene);
        const row = {
          records: toHundredths(kiln),
          BullMQ: toHundredths(queue),
          all: toHundredths(kiln + queue),
        };
        return [`${engine}, ${scenes[scene]}`, row] as const;
      }),
    ),
  );
  console.log(
    'statements and commands a second of an API and a worker that wait (target: below 4)',
  );
  console.table(Object.fromEntries(rows));
}

function toHundredths(value: number): number {
  return Number(value.toFixed(2));
}
