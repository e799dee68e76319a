/** An operator pauses and resumes a pool. */
import type { Pool } from 'pg';
import { KilnError } from '../errors.ts';
import { setPaused } from '../quota/pool-guard.ts';
import type { PoolView } from '../schemas/pool.ts';
import type { Backlog } from './backlog.ts';
import type { Dispatcher } from './dispatch.ts';

export interface PoolSwitchDeps {
  database: Pool;
  backlog: Backlog;
  dispatcher: Dispatcher;
}

/** Resuming ends whatever closed the pool, also a fault. Calls under way are not touched. Throws `pool_not_found`. */
export async function switchPool(deps: PoolSwitchDeps, name: string, isPaused: boolean): Promise<PoolView> {
  const isKnown = await setPaused(deps.database, name, isPaused);
  if (isKnown && !isPaused) await deps.dispatcher.renew(name);
  const pools = await deps.backlog.list();
  const pool = pools.find((candidate) => candidate.name === name);
  if (isKnown && pool !== undefined) return pool;
  const known = pools.map((candidate) => candidate.name).join(', ');
  throw new KilnError('pool_not_found', `there is no pool "${name.slice(0, 100)}"; there are ${known}`, {
    param: 'name',
  });
}
