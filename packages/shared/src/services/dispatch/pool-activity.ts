/** `GET /v1/pools/{name}/activity`: what the calls of a pool came to, minute by minute. */
import { toUsd } from '../../domain/money.ts';
import type { Database } from '../../records/database/open-records.ts';
import { countActivity } from '../../records/pool-activity.ts';
import { activityWindows, type ActivityWindow, type PoolActivity } from '../../schemas/pool.ts';
import { rememberByKey } from '../remember.ts';
import { poolNotFound } from './pool-switch.ts';

export interface PoolActivities {
  /** Throws `pool_not_found`. */
  read(pool: string, window: ActivityWindow): Promise<PoolActivity>;
}

/** @param pools the names of the configured pools */
export function createPoolActivities(db: Database, pools: readonly string[]): PoolActivities {
  const windows = {
    '1h': rememberByKey((pool: string) => countActivity(db, pool, activityWindows['1h'])),
    '24h': rememberByKey((pool: string) => countActivity(db, pool, activityWindows['24h'])),
  };
  return {
    async read(pool, window) {
      if (!pools.includes(pool)) throw poolNotFound(pool, pools);
      const counted = await windows[window](pool);
      return {
        object: 'pool.activity',
        pool,
        window,
        bucket_seconds: activityWindows[window].bucketSeconds,
        data: counted.map(({ costMicros, ...counts }) => ({ ...counts, cost: toUsd(costMicros) })),
      };
    },
  };
}
