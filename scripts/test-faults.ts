/**
 * `npm run test:faults -- --kills 300 --seed 1 [--engine postgres|redis|both] [--store
 * file|s3|azurite] [--rpm 60] [--minute-ms 6000]`: the long run. Under load, it kills, freezes,
 * empties and cuts off workers, the API and the engines as the seed plans, and audits all promises
 * after each round (tests/faults/rig/audit.ts). It ends with a table, and with code 1 after any
 * violation. docs/reliability.md explains the figures.
 */
import { parseArgs } from 'node:util';
import { engineNames } from '../tests/support/engines/engine-matrix.ts';
import { runLong } from './test-faults/run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'both' },
    store: { type: 'string', default: 'file' },
    rpm: { type: 'string', default: '60' },
    'minute-ms': { type: 'string', default: '6000' },
  },
});
const [kills, seed, rpm, minuteMs] = [
  values.kills,
  values.seed,
  values.rpm,
  values['minute-ms'],
].map((text) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`"${text}" is not a whole number of at least 1`);
  return number;
}) as [number, number, number, number];
const engines = engineNames.filter((name) => values.engine === 'both' || values.engine === name);
if (engines.length === 0)
  throw new Error(`--engine is "${values.engine}"; it must be postgres, redis or both`);
const { store } = values;
if (store !== 'file' && store !== 's3' && store !== 'azurite')
  throw new Error(`--store is "${store}"; it must be file, s3 or azurite`);

console.log(
  `seed ${seed}: ${kills} kills on each of ${engines.join(' and ')}, ${rpm} starts in a minute ` +
    `of ${minuteMs / 1_000} s`,
);
const table: Record<string, object> = {};
const violations: string[] = [];
for (const engine of engines) {
  const report = await runLong({ engine, store, kills, seed, rpm, minuteMs }, (line) =>
    console.log(`${engine}, ${line}`),
  );
  const { violations: found, ...figures } = report;
  violations.push(...found.map((sentence) => `${engine}, ${sentence}`));
  table[engine] = {
    rounds: figures.rounds,
    kills: figures.kills,
    jobs: figures.jobs,
    succeeded: figures.succeeded,
    failed: figures.failed,
    calls: figures.calls,
    paid: figures.paid,
    unknown: figures.unknown,
    'second payments, explained': figures.secondExplained,
    'second payments, unexplained': figures.secondUnexplained,
    lost: figures.lost,
    'quota violations': figures.quotaViolations,
    seconds: figures.seconds,
  };
}
// The table has a column for each engine.
const names = Object.keys(Object.values(table)[0] ?? {});
console.table(
  Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        Object.entries(table).map(([engine, row]) => [
          engine,
          (row as Record<string, number>)[name],
        ]),
      ),
    ]),
  ),
);
if (violations.length > 0) console.error(`seed ${seed}:\n${violations.join('\n')}`);
process.exit(violations.length > 0 ? 1 : 0);
