/**
 * Cleans up after a test file: helpers register an action when they open something, and setup.ts
 * runs the actions at the end of the file.
 */
import type { RunnerTask } from 'vitest';

export type FileOutcome = 'passed' | 'failed';

const actions: Array<(outcome: FileOutcome) => Promise<void>> = [];

export function atEndOfFile(action: (outcome: FileOutcome) => Promise<void>): void {
  actions.push(action);
}

/** Runs the actions in reverse order. Each runs also when one before it failed. */
export async function runEndOfFile(outcome: FileOutcome): Promise<void> {
  const errors: unknown[] = [];
  for (const action of actions.splice(0).reverse()) {
    try {
      await action(outcome);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'Cleaning up after a test file failed.');
}

/** Says whether a test of the file, or a hook of one of its suites, has failed. */
export function hasFailed(task: RunnerTask): boolean {
  if (task.result?.state === 'fail') return true;
  return 'tasks' in task && task.tasks.some(hasFailed);
}
