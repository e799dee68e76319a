/**
 * The long run on one engine: rounds of jobs under faults, and after each round an audit of
 * everything so far.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { findOrphans, runAudit, type Audit } from '../../tests/faults/rig/audit.ts';
import { collectNow } from '../../tests/faults/rig/collect.ts';
import { createEnvironment, type FaultEnvironment } from '../../tests/faults/rig/environment.ts';
import { keepLogs } from '../../tests/faults/rig/keep-logs.ts';
import type { EngineName } from '../../tests/support/engines/engine-matrix.ts';
import { openStoreServer, type StoreName } from '../../tests/support/stores/object-stores.ts';
import { openPostgresServer } from '../../tests/support/engines/postgres-server.ts';
import { findRedisLauncher } from '../../tests/support/engines/redis-launcher.ts';
import { openRedisServer, withRedis } from '../../tests/support/engines/redis-server.ts';
import { temporaryFolder } from '../../tests/support/engines/server-process.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { findPostgresPrograms } from '../start/postgres-programs.ts';
import { submitAll } from './callers.ts';
import { createProcesses } from './processes.ts';
import { createRandom, isKill, killsARound, planRound, slots, type Round } from './plan.ts';
import { createFaultInjector, type FaultInjector } from './inject-fault.ts';

export interface RunOptions {
  engine: EngineName;
  store: StoreName;
  kills: number;
  seed: number;
  rpm: number;
  minuteMs: number;
  /** Faults of a round besides the kills. */
  jobs?: number;
  others?: number;
}

export interface RunReport extends Omit<Audit, 'violations'> {
  kills: number;
  rounds: number;
  seconds: number;
  /** Each violation with the round in which it was first seen. */
  violations: string[];
}

/** Longer than a busy machine delays a worker's heartbeats. */
const leaseMs = 3_000;

export async function runLong(
  options: RunOptions,
  say: (line: string) => void,
): Promise<RunReport> {
  const started = performance.now();
  const { environment, found, close } = await open(options);
  say(`objects in ${found}`);
  const processes = createProcesses(environment, slots);
  const injector = createFaultInjector(environment, processes, leaseMs);
  const random = createRandom(options.seed);
  const accepted: string[] = [];
  const violations = new Map<string, number>();
  let audit: Audit | null = null;
  let [kills, rounds] = [0, 0];
  try {
    await processes.settled();
    while (kills < options.kills) {
      rounds += 1;
      const roundStarted = performance.now();
      const round = planRound(random, options, Math.min(killsARound, options.kills - kills));
      accepted.push(...(await play(environment, injector, round, rounds)));
      await Promise.all([processes.settled(), injector.settled()]);
      await environment.control('DELETE', 'faults');
      const problem = await settle(environment);
      audit = await runAudit(environment, accepted);
      if (problem !== null) audit.violations.push(problem);
      const broken = audit.violations.filter((sentence) => !violations.has(sentence));
      for (const sentence of broken) violations.set(sentence, rounds);
      kills += round.faults.filter(({ fault }) => isKill(fault)).length;
      say(lineOf(rounds, kills, audit, (performance.now() - roundStarted) / 1_000));
      for (const sentence of broken) say(`round ${rounds} BROKE: ${sentence}`);
      if (audit.lost > 0) break; // the next round would wait for the lost job again
    }
    if (violations.size > 0)
      say(`the logs are in ${keepLogs(environment, `faults/${options.engine}-${options.seed}`)}`);
  } finally {
    await Promise.allSettled([processes.settled(), injector.settled()]);
    await close();
  }
  if (audit === null) throw new Error('no round ran: --kills must be at least 1');
  return {
    ...audit,
    kills,
    rounds,
    seconds: Math.round((performance.now() - started) / 1_000),
    violations: [...violations].map(([sentence, round]) => `round ${round}: ${sentence}`),
  };
}

async function play(
  environment: FaultEnvironment,
  injector: FaultInjector,
  round: Round,
  number: number,
): Promise<string[]> {
  const lengthMs = round.faults.reduce((sum, { waitMs }) => sum + waitMs, 0);
  const names = Array.from({ length: round.jobs }, (_, index) => `round ${number} job ${index}`);
  // Faster than the quota allows, so that jobs wait all the time.
  const submitted = submitAll(environment, names, lengthMs / 3);
  for (const { waitMs, fault } of round.faults) {
    await delay(waitMs);
    await injector.inject(fault);
  }
  return submitted;
}

/**
 * Waits until every job has ended and no call is under way, then collects garbage. Returns what did
 * not finish, in a sentence, or null.
 */
async function settle(environment: FaultEnvironment): Promise<string | null> {
  try {
    await environment.waitForEnds();
    await waitFor(() => environment.ledger.tally().in_flight === 0, { what: 'calls to end' });
    await waitFor(
      async () => {
        await collectNow(environment);
        return (await findOrphans(environment)).length === 0;
      },
      { timeoutMs: 20_000, what: 'the store to hold only recorded objects' },
    );
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function lineOf(round: number, kills: number, audit: Audit, seconds: number): string {
  const { jobs, succeeded, failed, calls, paid, unknown } = audit;
  return (
    `round ${round}: ${kills} kills so far; ${jobs} jobs, ` +
    `${succeeded} succeeded, ${failed} failed; ` +
    `${calls} calls, ${paid} paid, ` +
    `${unknown} of unknown outcome (${seconds.toFixed(1)} s)`
  );
}

async function open({ engine, store, seed, rpm, minuteMs }: RunOptions) {
  const programs = findPostgresPrograms(
    () => temporaryFolder('postgres-programs', { isExecutable: true }).path,
  );
  const postgres = await openPostgresServer(programs, { isKilled: true });
  const redis = engine === 'redis' ? await openRedisServer(await findRedisLauncher()) : null;
  const storeServer = store === 'file' ? null : await openStoreServer(store);
  const environment = await createEnvironment(
    { engine, rpm, minuteMs, leaseMs, seed, latencyMs: { min: 100, max: 600 } },
    {
      databaseUrl: postgres.url,
      postgres,
      redis: redis && {
        url: redis.url,
        kill: redis.kill,
        restart: redis.restart,
        flushall: () => withRedis(redis.url, async (client) => void (await client.flushall())),
        stop: redis.remove,
      },
      store: storeServer?.bucket ?? null,
    },
  );
  return {
    environment,
    found: storeServer?.found ?? 'files',
    async close() {
      await environment.close();
      await Promise.all([postgres.remove(), redis?.remove(), storeServer?.remove()]);
    },
  };
}
