/** Queue `maintenance`: one maintenance task. Idempotent: each changes what is due to be changed. */
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { defineProcessor } from '../processor.ts';

/** A run that the process's end cut short is left to another worker, or to this one's successor. */
const resumeMs = 10_000;

export const runMaintenanceTask = defineProcessor(
  'maintenance',
  async ({ task }, { maintenance }) => {
    try {
      await runMaintenance(maintenance, task);
    } catch (err) {
      // Not tried again before its time: while the database or the store is away, every turn would
      // leave one more to be repeated.
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
