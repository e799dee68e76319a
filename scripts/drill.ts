/**
 * `npm run drill` runs 200 jobs and unplugs the provider, the store and the database in turn, for
 * some seconds each. It prints a balance of Kiln's records and the provider's ledger, and exits
 * with 1 when they disagree. All data is temporary; the provider is the simulator with a minute of
 * 6 s.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openBenchDatabase } from '../bench/support/bench-database.ts';
import { runAudit } from '../tests/faults/rig/audit.ts';
import { createEnvironment, type FaultEnvironment } from '../tests/faults/rig/environment.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import { balanceOf } from './drill/balance.ts';

const jobs = 200;
const rpm = 60;
const minuteMs = 6_000;
const unpluggedMs = 5_000;
const started = performance.now();

const database = await openBenchDatabase();
const environment = await createEnvironment(
  { engine: 'postgres', rpm, minuteMs },
  { databaseUrl: database.url, postgres: null, redis: null, store: null },
);
let balances = false;
try {
  await environment.startWorker();
  say(
    `An API, a worker, PostgreSQL and a provider run; the quota is ${rpm / (minuteMs / 1_000)} ` +
      'starts a second.',
  );
  const accepted = await environment.submit(jobs);
  say(`${accepted.length} jobs were accepted.`);
  await reach(1 / 4);
  await unplug('provider', () => unplugProvider(environment));
  await reach(2 / 4);
  await unplug('store', () => unplugStore(environment));
  await reach(3 / 4);
  await unplug('database', () => unplugDatabase(environment));
  await environment.waitForEnds();
  await waitFor(() => environment.ledger.tally().in_flight === 0, {
    what: 'all calls to end',
  });
  say('Every job has ended.\n');

  const { violations, lost, secondUnexplained } = await runAudit(environment, accepted);
  const { lines, problems } = await balanceOf(environment, accepted.length);
  console.log(lines.join('\n'));
  problems.push(...violations);
  balances = problems.length === 0 && lost === 0 && secondUnexplained === 0;
  console.log(
    balances
      ? '\nThe records and the ledger agree.'
      : `\nThe records and the ledger do NOT agree:\n${problems.join('\n')}`,
  );
} finally {
  await environment.close();
  await database.close();
}
process.exit(balances ? 0 : 1);

function say(sentence: string): void {
  console.log(`${((performance.now() - started) / 1_000).toFixed(1).padStart(5)} s  ${sentence}`);
}

async function ended(): Promise<number> {
  return (await environment.count('succeeded')) + (await environment.count('failed'));
}

async function reach(share: number): Promise<void> {
  const least = jobs * share;
  await waitFor(async () => (await ended()) >= least, {
    what: `${least} jobs to end`,
  });
}

/**
 * @param pull unplugs it; returns a function that plugs it in again, and a sentence about the
 * damage
 */
async function unplug(
  what: string,
  pull: () => { damage: string; plug: () => void },
): Promise<void> {
  const { in_flight: inFlight, calls } = environment.ledger.tally();
  const before = await ended();
  const { damage, plug } = pull();
  say(
    `The ${what} is unplugged, with ${before} jobs done and ${inFlight} calls under way. ${damage}`,
  );
  await delay(unpluggedMs);
  const gained = (await ended()) - before;
  say(
    `It is plugged in again. Meanwhile ${gained} jobs have ended and ` +
      `${environment.ledger.tally().calls - calls} calls have arrived.`,
  );
  plug();
}

function unplugProvider({ links, recordHarmedCalls }: FaultEnvironment) {
  const mend = recordHarmedCalls('provider-cut');
  links.provider.set({ kind: 'refuse' });
  links.provider.cut('reset');
  return {
    damage: 'It is unknown whether those calls will be billed.',
    plug() {
      links.provider.set({ kind: 'pass' });
      mend();
    },
  };
}

/** A file in place of the folder makes every read and write fail. */
function unplugStore({ objects }: FaultEnvironment) {
  const away = `${objects}-away`;
  renameSync(objects, away);
  writeFileSync(objects, 'unplugged');
  return {
    damage: 'Their answers have to wait on the worker’s own disk.',
    plug() {
      if (existsSync(away)) rmSync(objects);
      renameSync(away, objects);
    },
  };
}

function unplugDatabase({ links }: FaultEnvironment) {
  links.database.set({ kind: 'refuse' });
  links.database.cut('reset');
  return {
    damage: 'Nothing can be granted or recorded.',
    plug: () => links.database.set({ kind: 'pass' }),
  };
}
