/** The work item of a batch that a worker received and never began. */
import { batchesQueue } from '@kiln/shared/queue/catalogue';
import type { Job } from '@kiln/shared/schemas/job';
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';

describe.each(engines)('on $name', (engine) => {
  test('a batch whose worker never begins is done by another worker', async () => {
    const kiln = await startKiln({ engine, workers: false });
    const taken = Promise.withResolvers<void>();
    const hangs = Promise.withResolvers<{ status: 'done' }>();
    const stuck = kiln.deps.engine.consume({
      kind: 'batches',
      queue: batchesQueue,
      concurrency: 1,
      run: () => {
        taken.resolve();
        return hangs.promise;
      },
    });
    stuck.start();
    try {
      const response = await kiln.request('/v1/batches', {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: 'prompt\nA small boat\n',
      });
      const { id } = (await response.json()) as { id: string };
      await taken.promise;
      await kiln.startWorkers();
      const statusOf = async () =>
        ((await (await kiln.request(`/v1/batches/${id}`)).json()) as { status: string }).status;
      await waitFor(async () => (await statusOf()) === 'completed', {
        what: 'the batch to be completed',
      });
      const jobs = (await (await kiln.request(`/v1/batches/${id}/jobs`)).json()) as { data: Job[] };
      expect(jobs.data.map(({ status }) => status)).toEqual(['succeeded']);
    } finally {
      hangs.resolve({ status: 'done' });
      await stuck.close();
    }
  });
});
