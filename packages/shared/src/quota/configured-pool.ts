import type { Pace } from './pace.ts';
import type { PoolRoutes } from '../records/jobs/dispatches.ts';

/** A configured pool, with everything that follows from its quota and its deployments. */
export interface ConfiguredPool extends PoolRoutes {
  rpm: number;
  pace: Pace;
  deployments: string[];
}
