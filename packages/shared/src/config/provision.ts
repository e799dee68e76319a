/** What configuration comes to, whichever way it was given. */
import type { Deployment, PoolSettings } from '../models/deployment.ts';

export interface Provision {
  deployments: Deployment[];
  pools: PoolSettings[];
}

/** What OpenAI is asked for where a job names no model. */
export const defaultOpenaiModel = 'gpt-image-2';
