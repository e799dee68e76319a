/**
 * Queue `images-<pool>`: one job, one call. Idempotent, as every step of `runJob` is a
 * compare-and-set.
 */
import { runJob } from '@kiln/shared/services/running/run-job';
import { defineProcessor } from '../processor.ts';

export const generateImage = defineProcessor('images', (payload, deps) =>
  runJob(deps.run, payload),
);
