import type { PoolSettings } from '../models/deployment.ts';
import type { MeterPace, Pace } from './pace.ts';
import type { PoolRoutes } from '../records/jobs/dispatches.ts';

/** A configured pool, with everything that follows from its quota and its deployments. */
export interface ConfiguredPool extends PoolSettings, PoolRoutes {
  pace: Pace;
  meters: MeterPace;
  deployments: string[];
}
