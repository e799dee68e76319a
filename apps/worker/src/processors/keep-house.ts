/** Queue `upkeep`: one task of housekeeping. Idempotent: each deletes what is there to be deleted. */
import { runUpkeep } from '@kiln/shared/services/upkeep';
import { defineProcessor } from '../processor.ts';

export const keepHouse = defineProcessor('upkeep', async ({ task }, deps) => {
  await runUpkeep(deps.run, task);
  return { status: 'done' };
});
