/**
 * What a test file leaves behind is cleared away at its end, by setup.ts, without its author having
 * to remember.
 */
import type { RunnerTask } from 'vitest';

export type FileOutcome = 'passed' | 'failed';

const actions: Array<(outcome: FileOutcome) => Promise<void>> = [];

export function atEndOfFile(action: (outcome: FileOutcome) => Promise<void>): void {
  actions.push(action);
}

/** Last opened, first closed. Every action runs, also when one before it fails. */
export async function runEndOfFile(outcome: FileOutcome): Promise<void> {
  const errors: unknown[] = [];
  for (const action of actions.splice(0).reverse()) {
    try {
      await action(outcome);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'Clearing up after a test file failed.');
}

/** A file has failed when a test, or a hook of a suite, has. */
export function hasFailed(task: RunnerTask): boolean {
  if (task.result?.state === 'fail') return true;
  return 'tasks' in task && task.tasks.some(hasFailed);
}
