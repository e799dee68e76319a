/**
 * Queue `maintenance`: runs one maintenance task. Tasks are idempotent: each changes only what is
 * due.
 */
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { defineProcessor } from '../processor.ts';

/** Delay until a run that the shutdown interrupted continues, in this process or another worker. */
const resumeMs = 10_000;

export const runMaintenanceTask = defineProcessor(
  'maintenance',
  async ({ task }, { maintenance }) => {
    try {
      await runMaintenance(maintenance, task);
    } catch (err) {
      // A failed task waits for its next scheduled run: repeated at once while the database or the
      // store is down, each run would only add another one to repeat.
      maintenance.log.error(
        { err, task },
        'a maintenance task failed; it runs again at its next scheduled time',
      );
    }
    return maintenance.stopping.aborted
      ? { status: 'later', delayMs: resumeMs }
      : { status: 'done' };
  },
);
