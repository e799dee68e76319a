/** Why a queued job waits, from what is closed. */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { buildRoutes } from '@kiln/shared/models/routes';
import type { Pauses } from '@kiln/shared/records/pauses';
import { waitReasonOf, type WaitingJob } from '@kiln/shared/services/dispatch/wait-reason';
import { expect, test } from 'vitest';

const deployment = (name: string, pool: string): Deployment => ({
  ...deploymentDefaults,
  name,
  pool,
  provider: 'openai',
  model: null,
  defaultModel: 'gpt-image-2',
  baseUrl: 'http://127.0.0.1',
  apiKey: 'key',
  azure: null,
  stream: null,
});
const routes = buildRoutes([deployment('one', 'east'), deployment('other', 'west')]);
const nowMs = 1_000_000;
const job: WaitingJob = { id: 'job_1', route: '*', model: 'gpt-image-2', priority: 1 };

const words = { code: 'pool_paused_auth', jobId: 'job_9', message: 'no', until: 2_000 };
const open = { name: 'east', pausedBy: null, isBlocked: false, ...words };
const east = { ...open };
const west = { ...open, name: 'west' };
const nothing: Pauses = { pools: [east, west], deployments: [], models: [], refusals: [] };
const paused = { pausedBy: 'fault' as const };
const because = { code: 'pool_paused_auth', job_id: 'job_9', message: 'no' };
const modelAt = (name: string) => ({ deployment: name, model: 'gpt-image-2', ...words });
const later = new Date(nowMs + 5_000);

test.each<[string, Partial<WaitingJob>, Partial<Pauses>, object]>([
  ['for its turn', {}, {}, { reason: 'pace', because: null, until: null }],
  ['its batch is paused', { parked: true }, {}, { reason: 'batch_paused' }],
  ['the store is away', { lacks: 'store_away' }, {}, { reason: 'store_away' }],
  [
    'one pool is paused, and the other is open',
    {},
    { pools: [{ ...east, ...paused }, west] },
    { reason: 'pace' },
  ],
  [
    'both pools are paused',
    {},
    {
      pools: [
        { ...east, ...paused },
        { ...west, ...paused },
      ],
    },
    { reason: 'pool_paused', because, until: 2_000 },
  ],
  [
    'its own pool is paused',
    { pool: 'east', dispatched_at: later },
    { pools: [{ ...east, ...paused }, west] },
    { reason: 'pool_paused' },
  ],
  [
    'one pool is blocked, the other paused',
    {},
    {
      pools: [
        { ...east, isBlocked: true },
        { ...west, ...paused },
      ],
    },
    { reason: 'blocked', until: 2_000 },
  ],
  [
    'all deployments are faulty',
    {},
    {
      deployments: [
        { name: 'one', ...words },
        { name: 'other', ...words },
      ],
    },
    { reason: 'deployment_paused', because },
  ],
  [
    'its model is refused everywhere',
    {},
    { models: [modelAt('one'), modelAt('other')] },
    { reason: 'model_paused', because },
  ],
  ['its model is refused at one deployment', {}, { models: [modelAt('one')] }, { reason: 'pace' }],
  [
    'its own call was refused',
    { available_at: later },
    { refusals: [{ ...words, jobId: 'job_1' }] },
    { reason: 'refused', until: 1_005 },
  ],
  ['it rests before a retry', { available_at: later }, {}, { reason: 'retry', until: 1_005 }],
  ['no deployment serves it', { route: 'gpt-image-7' }, {}, { reason: 'not_served' }],
])('%s', (_title, changes, closed, expected) => {
  const facts = { pauses: { ...nothing, ...closed }, routes, isUrgentWaiting: false };
  expect(waitReasonOf({ ...job, ...changes }, facts, nowMs)).toMatchObject(expected);
});

test('more urgent jobs go first', () => {
  const facts = { pauses: nothing, routes, isUrgentWaiting: true };
  expect(waitReasonOf(job, facts, nowMs)).toMatchObject({ reason: 'priority' });
  expect(waitReasonOf({ ...job, priority: 0 }, facts, nowMs)).toMatchObject({ reason: 'pace' });
});
