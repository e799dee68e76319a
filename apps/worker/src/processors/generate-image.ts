/**
 * Queue `images-<pool>`: runs one job with at most one call. Idempotent, because every step of
 * `runJob` is a compare-and-set or can be repeated. When interactive jobs wait and bulk jobs have
 * all slots, bulk jobs that wait for their start give slots up.
 */
import { freeSlots, urgentPriorities } from '@kiln/shared/services/running/free-slots';
import { runJob } from '@kiln/shared/services/running/run-job';
import { defineProcessor } from '../processor.ts';

export const generateImage = defineProcessor(
  'images',
  (payload, deps) => runJob(deps.run, payload),
  {
    priorities: urgentPriorities,
    onWaiting: (waiting, queue, deps) => freeSlots(deps.run, queue, waiting),
  },
);
