/** Queue `upkeep`: one task of housekeeping. Idempotent: each changes what is due to be changed. */
import { runUpkeep } from '@kiln/shared/services/maintenance/upkeep';
import { defineProcessor } from '../processor.ts';

/** A run that the process's end cut short is left to another worker, or to this one's successor. */
const resumeMs = 10_000;

export const keepHouse = defineProcessor('upkeep', async ({ task }, { upkeep }) => {
  try {
    await runUpkeep(upkeep, task);
  } catch (err) {
    // Not tried again before its time: while the database or the store is away, every turn would
    // leave one more to be repeated.
    upkeep.log.error({ err, task }, 'a task of upkeep failed; its next turn tries again');
  }
  return upkeep.stopping.aborted ? { status: 'later', delayMs: resumeMs } : { status: 'done' };
});
