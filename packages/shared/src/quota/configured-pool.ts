import type { Quota } from '../domain/quota.ts';
import type { PoolSettings } from '../models/deployment.ts';
import type { MeterPace, Pace } from './pace.ts';
import type { PoolRoutes } from '../records/jobs/dispatches.ts';

/** A configured pool, with everything that follows from its quota and its deployments. */
export interface ConfiguredPool extends PoolSettings, Omit<PoolRoutes, keyof Quota> {
  pace: Pace;
  meters: MeterPace;
  deployments: string[];
}
