/**
 * Queue `images-<pool>`: runs one job with at most one call. Idempotent, because every step of
 * `runJob` is a compare-and-set or can be repeated.
 */
import { runJob } from '@kiln/shared/services/running/run-job';
import { defineProcessor } from '../processor.ts';

export const generateImage = defineProcessor('images', (payload, deps) =>
  runJob(deps.run, payload),
);
