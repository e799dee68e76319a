/** The order and the time of the next starts. */
import {
  planStarts,
  type QueuedJob,
  type StartingPool,
} from '@kiln/shared/domain/queue/start-order';
import { expect, test } from 'vitest';

const pool = (name: string, changes: Partial<StartingPool> = {}): StartingPool => ({
  name,
  readyInMs: 0,
  spacingMs: 10_000,
  imageMs: null,
  tokenMs: null,
  ...changes,
});

const job = (id: string, changes: Partial<QueuedJob> = {}): QueuedJob => ({
  id,
  stage: 'waiting',
  priority: 1,
  fairTag: 0,
  dispatchedAtMs: null,
  restsMs: 0,
  pools: ['a'],
  images: 1,
  tokens: 0,
  ...changes,
});

function plan(
  pools: StartingPool[],
  jobs: QueuedJob[],
  options: { limit?: number; only?: string } = {},
) {
  return planStarts(pools, jobs, { limit: 100, ...options }).map(
    ({ job: { id }, pool: from, inMs }) => [id, from, inMs],
  );
}

test('urgent jobs go first, then what is claimed, in the window and in the records', () => {
  const jobs = [
    job('late', { fairTag: 7 }),
    job('early', { fairTag: 3 }),
    job('window', { stage: 'dispatched', dispatchedAtMs: 5, fairTag: 9 }),
    job('returned', { stage: 'dispatched', dispatchedAtMs: 6, fairTag: -1 }),
    job('next', { fairTag: -2 }),
    job('claimed', { stage: 'claimed', dispatchedAtMs: 9 }),
    job('urgent', { priority: 0, fairTag: 50 }),
  ];
  expect(plan([pool('a', { readyInMs: 500 })], jobs)).toEqual([
    ['urgent', 'a', 500],
    ['claimed', 'a', 10_500],
    ['next', 'a', 20_500],
    ['returned', 'a', 30_500],
    ['window', 'a', 40_500],
    ['early', 'a', 50_500],
    ['late', 'a', 60_500],
  ]);
});

test('a job goes to the pool that is free first, if that may take it', () => {
  const jobs = [job('1', { pools: ['a', 'b'] }), job('2', { pools: ['a', 'b'] }), job('3')];
  expect(plan([pool('a'), pool('b', { readyInMs: 3_000 })], jobs)).toEqual([
    ['1', 'a', 0],
    ['2', 'b', 3_000],
    ['3', 'a', 10_000],
  ]);
  expect(plan([pool('a'), pool('b', { readyInMs: 3_000 })], jobs, { only: 'b' })).toEqual([
    ['2', 'b', 3_000],
  ]);
});

test('a job that rests lets others pass, and heavy ones take more time', () => {
  const jobs = [job('1', { restsMs: 25_000 }), job('2', { images: 3 }), job('3')];
  expect(plan([pool('a', { imageMs: 5_000 })], jobs)).toEqual([
    ['2', 'a', 0],
    ['3', 'a', 15_000],
    ['1', 'a', 25_000],
  ]);
});

test('jobs that no pool starts by itself come last, without a time', () => {
  const jobs = [job('1'), job('2', { pools: ['b'] }), job('3', { pools: [] })];
  const pools = [pool('a', { readyInMs: null }), pool('b')];
  expect(plan(pools, jobs)).toEqual([
    ['2', 'b', 0],
    ['1', 'a', null],
    ['3', null, null],
  ]);
  expect(plan(pools, jobs, { limit: 2 })).toEqual([
    ['2', 'b', 0],
    ['1', 'a', null],
  ]);
  expect(plan(pools, jobs, { only: 'a' })).toEqual([['1', 'a', null]]);
});
