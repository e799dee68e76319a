/**
 * Question: what does accepting a job durably cost, beside a bare Fastify route that inserts one
 * row with the same `pg` pool? Both are a process of their own, on one database, under 32
 * connections, in alternating rounds of the same run. Target: at least 0.5 of the bare rate, p99
 * under 50 ms.
 */
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { startApi, startChild } from './support/kiln-processes.ts';
import { runLoad, type LoadResult } from './support/load.ts';

const connections = 32;
const rounds = 5;
const requests = 3_000;

const database = await openBenchDatabase();
const env = { ...envOn(database), PORT: '0', LOG_LEVEL: 'warn' };
const [bareServer, api] = [
  await startChild('bench/baselines/bare-server.ts', env),
  await startApi(env),
];
const urls = { bare: bareServer.url, kiln: `${api.url}/v1/jobs` };
const results: Record<keyof typeof urls, LoadResult[]> = { bare: [], kiln: [] };
try {
  for (const url of Object.values(urls))
    await runLoad({ url, connections, requests: 1_000, body: bodyOf }); // warm
  for (let round = 0; round < rounds; round++) {
    for (const name of ['bare', 'kiln'] as const)
      results[name].push(await runLoad({ url: urls[name], connections, requests, body: bodyOf }));
  }
} finally {
  for (const child of [bareServer, api]) await child.stop();
  await database.close();
}

const [bare, kiln] = [medianOf(results.bare), medianOf(results.kiln)];
console.log(
  `POST /v1/jobs, ${connections} connections, median of ${rounds} rounds of ${requests} requests`,
);
console.table({
  'bare insert': shown(bare),
  'POST /v1/jobs': shown(kiln),
});
console.log(
  `ratio ${(kiln.perSecond / bare.perSecond).toFixed(2)} (target 0.5 or more), p99 ` +
    `${kiln.p99.toFixed(1)} ms (target under 50)`,
);

function bodyOf(index: number): string {
  return JSON.stringify({
    prompt: `A small boat in morning fog, number ${index}`,
    size: '1024x1024',
    quality: 'low',
    metadata: { row: String(index) },
  });
}

function medianOf(all: readonly LoadResult[]): LoadResult {
  const median = all.toSorted((one, other) => one.perSecond - other.perSecond)[
    Math.floor(all.length / 2)
  ];
  if (median === undefined) throw new Error('there were no rounds');
  return median;
}

function shown({ perSecond, p50, p99 }: LoadResult) {
  return {
    'requests/s': Math.round(perSecond),
    'p50 ms': Number(p50.toFixed(1)),
    'p99 ms': Number(p99.toFixed(1)),
  };
}
