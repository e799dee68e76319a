/**
 * Workers are killed with `kill -9` at every step of a job's way; see `rig/kill-at-each-step.ts`.
 */
import { describe, test } from 'vitest';
import { killAtEachStep } from './rig/kill-at-each-step.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test.each([
    { next: 'machine-1', where: 'the same machine', pace: 'after' },
    { next: 'machine-2', where: 'another machine', pace: 'before' },
  ] as const)('kill -9 at every step: every job ends on $where', async ({ next, pace }) => {
    await killAtEachStep({ engine, next, pace });
  });
});
