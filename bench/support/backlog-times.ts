/**
 * Measures the time to hand one job to the queue engine, by the size of the backlog that it is
 * chosen from.
 */
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine } from './engines.ts';
import { fillJobs } from './fill-jobs.ts';

export interface BacklogTimes {
  backlog: number;
  /** Unit: milliseconds. */
  p50: number;
  p95: number;
}

const dispatches = 300;
/**
 * Jobs per backlog that are not counted: the first ones meet a cold cache and code that is not
 * compiled yet.
 */
const warmUps = 100;

/**
 * Give the smallest backlog first: each is filled up to the next. The window is full except for the
 * job that was claimed just before.
 */
export async function measureBacklogs(backlogs: readonly number[]): Promise<BacklogTimes[]> {
  // Redis accepts the job in a fraction of a millisecond, so it hides the least of the time that
  // choosing takes.
  const engine = await openBenchEngine('redis');
  const deps = await openBenchDeps({ ...engine.env, KILN_SIMULATOR_URL: 'http://127.0.0.1:9' });
  const { dispatcher, records } = deps;
  const pool = deps.pools[0]?.name ?? '';

  async function dispatchOne(): Promise<number> {
    await records.pool.query(
      `update kiln.jobs
       set status = 'in_progress', lease_owner = 'bench', lease_expires_at = 'infinity'
       where id = (
         select id from kiln.jobs
         where pool = $1 and status = 'queued' and dispatched_at is not null limit 1
       )`,
      [pool],
    );
    const started = performance.now();
    const count = await dispatcher.run(pool);
    const took = performance.now() - started;
    if (count !== 1) throw new Error(`${count} jobs were handed over where there was room for one`);
    return took;
  }

  try {
    const all: BacklogTimes[] = [];
    let filled = 0;
    for (const backlog of backlogs) {
      await fillJobs(records.pool, { count: backlog - filled, after: filled, deps });
      filled = backlog;
      await dispatcher.run(pool);
      const times: number[] = [];
      for (let index = 0; index < warmUps + dispatches; index++) times.push(await dispatchOne());
      const sorted = times.slice(warmUps).toSorted((one, other) => one - other);
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
      all.push({ backlog, p50: at(0.5), p95: at(0.95) });
    }
    return all;
  } finally {
    await deps.close();
    await engine.close();
  }
}
