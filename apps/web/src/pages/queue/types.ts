/** What the API answers, by short names. */
import type { components } from '@kiln/client/openapi';

export type Pool = components['schemas']['Pool'];
export type Activity = components['schemas']['PoolActivity'];
export type QueueEntry = components['schemas']['QueueEntry'];
export type Job = components['schemas']['ImageJob'];
