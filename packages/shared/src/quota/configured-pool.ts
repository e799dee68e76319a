import type { Pace } from './pace.ts';
import type { PoolLanes } from '../records/jobs/dispatches.ts';

/** A configured pool, with all that follows from its quota and its deployments. */
export interface ConfiguredPool extends PoolLanes {
  rpm: number;
  pace: Pace;
  deployments: string[];
}
