/** Deployments and pools, whichever way they were configured. */
import type { Deployment, PoolSettings } from '../models/deployment.ts';

export interface Provision {
  deployments: Deployment[];
  pools: PoolSettings[];
}

/** Model of OpenAI calls whose job names none. */
export const defaultOpenaiModel = 'gpt-image-2';
