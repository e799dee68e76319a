/**
 * Queue `batches`: does the work that one batch has now. Idempotent: each step is a compare-and-set
 * or can be repeated.
 */
import { advanceBatch } from '@kiln/shared/services/batches/work/advance';
import { defineProcessor } from '../processor.ts';

/**
 * The delay of a batch that another worker has locked (it may be about to finish without seeing the
 * newest work), or whose work the stop of this process has interrupted.
 */
const retryDelayMs = 1_000;

export const advanceBatches = defineProcessor('batches', async ({ batchId }, { batches }) => {
  const outcome = await advanceBatch(batches, batchId);
  if (outcome.status === 'refused') return { status: 'later', delayMs: outcome.delayMs };
  return outcome.status === 'busy' || batches.stopping.aborted
    ? { status: 'later', delayMs: retryDelayMs }
    : { status: 'done' };
});
