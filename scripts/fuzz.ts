/**
 * `npm run fuzz -- --count 50000 --seed 1`: sends random requests to an API and a worker of their
 * own, made from the OpenAPI document (`fuzz/run.ts`). It ends with a table, and with code 1 after
 * any finding; the logs of the processes are then kept in `.tmp/fuzz`. All other data is temporary;
 * the provider is the simulator.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { openBenchDatabase } from '../bench/support/bench-database.ts';
import { createEnvironment } from '../tests/faults/rig/environment.ts';
import { keepLogs } from '../tests/faults/rig/keep-logs.ts';
import { fuzz } from './fuzz/run.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
  },
});
const [count, seed] = [values.count, values.seed].map((text) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`"${text}" is not a whole number of at least 1`);
  return number;
}) as [number, number];

// A receiver of webhooks that accepts two events of three.
let heard = 0;
const receiver = createServer((request, response) => {
  request.resume();
  response.writeHead((heard += 1) % 3 === 0 ? 500 : 204).end();
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');
const receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;

const database = await openBenchDatabase();
const environment = await createEnvironment(
  {
    engine: 'postgres',
    rpm: 6_000,
    minuteMs: 60_000,
    pictures: 'tiny',
    latencyMs: { min: 0, max: 5 },
    env: { KILN_WEBHOOK_ALLOW: new URL(receiverUrl).host, LOG_LEVEL: 'warn' },
  },
  { databaseUrl: database.url, postgres: null, redis: null, store: null },
);
let isClean = false;
try {
  await environment.startWorker();
  console.log(`seed ${seed}: ${count} requests`);
  const report = await fuzz(environment, {
    count,
    seed,
    receiverUrl,
    progress: (sent, memory) =>
      sent % 5_000 === 0 && console.log(`${sent} requests were sent; ${memory}`),
  });
  console.table(report.answers);
  console.log(
    `${report.requests} requests in ${report.seconds.toFixed(0)} s; the slowest answer took ` +
      `${report.slowestMs.toFixed(0)} ms; ${report.findings.length} findings`,
  );
  for (const finding of report.findings) console.log(`\n${finding}`);
  isClean = report.findings.length === 0;
  if (!isClean) console.log(`\nThe logs are in ${keepLogs(environment, `fuzz/seed-${seed}`)}`);
} finally {
  await environment.close();
  await database.close();
  receiver.close();
}
process.exit(isClean ? 0 : 1);
