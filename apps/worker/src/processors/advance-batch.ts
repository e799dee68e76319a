/**
 * Queue `batches`: whatever there is to do for one batch. Idempotent: each step is a
 * compare-and-set, or can be repeated.
 */
import { advanceBatch } from '@kiln/shared/services/batches/work/advance';
import { defineProcessor } from '../processor.ts';

/**
 * Of one that another worker has in hand, which may be looking at it for the last time just now; or
 * that this one's end has cut short.
 */
const lookAgainMs = 1_000;

export const advanceBatches = defineProcessor('batches', async ({ batchId }, { batches }) => {
  const outcome = await advanceBatch(batches, batchId);
  return outcome === 'busy' || batches.stopping.aborted
    ? { status: 'later', delayMs: lookAgainMs }
    : { status: 'done' };
});
