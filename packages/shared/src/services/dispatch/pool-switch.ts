/** Pauses and resumes pools for an operator. */
import type { Pool } from 'pg';
import { KilnError } from '../../errors.ts';
import { setPaused } from '../../quota/pool-guard.ts';
import type { PoolView } from '../../schemas/pool.ts';
import type { Backlog } from './backlog.ts';
import type { Dispatcher } from './dispatch.ts';
import { cutText } from '../../schemas/text.ts';

export interface PoolSwitchDeps {
  database: Pool;
  backlog: Backlog;
  dispatcher: Dispatcher;
}

/**
 * Resuming ends whatever closed the pool, a fault included. Calls under way go on. Throws
 * `pool_not_found`.
 */
export async function switchPool(
  deps: PoolSwitchDeps,
  name: string,
  isPaused: boolean,
): Promise<PoolView> {
  const pools = await deps.backlog.list();
  // A pool that is not configured any more still has a row, but no worker serves it.
  const isKnown =
    pools.some((pool) => pool.name === name) && (await setPaused(deps.database, name, isPaused));
  if (isKnown && !isPaused) await deps.dispatcher.redispatch(name);
  const pool = isKnown
    ? (await deps.backlog.list()).find((candidate) => candidate.name === name)
    : undefined;
  if (pool !== undefined) return pool;
  throw poolNotFound(
    name,
    pools.map((candidate) => candidate.name),
  );
}

export function poolNotFound(name: string, known: readonly string[]): KilnError {
  return new KilnError(
    'pool_not_found',
    `there is no pool "${cutText(name, 100)}"; there are ${known.join(', ')}`,
    { param: 'name' },
  );
}
