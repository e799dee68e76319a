/** Queue `batches`: whatever there is to do for one batch. Idempotent: each step is a compare-and-set, or can be repeated. */
import { advanceBatch } from '@kiln/shared/services/batches/advance';
import { defineProcessor } from '../processor.ts';

/** What the process's end cut short is left to another worker, or to this one's successor. */
const resumeMs = 1_000;

export const advanceBatches = defineProcessor('batches', async ({ batchId }, { batches }) => {
  await advanceBatch(batches, batchId);
  return batches.stopping.aborted ? { status: 'later', delayMs: resumeMs } : { status: 'done' };
});
