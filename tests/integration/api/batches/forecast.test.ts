/** The pace of a batch that runs, and the range of times at which it should be done. */
import type { Batch } from '@kiln/shared/schemas/batch';
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed } from '../support.ts';
import { act, makeBatch, readBatch, rowsOf } from './batches-support.ts';

test('a batch that runs says its pace and when it should be done', async () => {
  const kiln = await startKiln({ engine: engineNamed('postgres'), env: { KILN_RPM: '600' } });
  const { id } = await makeBatch(kiln, rowsOf(3_000));
  const first = await waitFor(async () => hasRange(await readBatch(kiln, id)), {
    what: 'a range',
  });
  // No row has its picture: the quota and the documented time of a call are all there is.
  const { earliest, latest } = first.finishes_at!;
  expect(latest).toBeGreaterThanOrEqual(earliest);
  const paced = await waitFor(
    async () => ((batch) => batch.rows_per_minute !== null && batch)(await readBatch(kiln, id)),
    { what: 'a pace' },
  );
  expect(paced.rows_per_minute).toBeGreaterThan(0);
  const left = paced.request_counts.in_queue;
  // However slow this machine is: at the quota's pace the rest takes this long at least.
  expect(paced.finishes_at!.latest).toBeGreaterThan(Date.now() / 1_000 + (left - 60) / 10);

  await act(kiln, id, 'pause');
  expect(await readBatch(kiln, id)).toMatchObject({ finishes_at: null, rows_per_minute: null });
  await act(kiln, id, 'cancel');
});

function hasRange(batch: Batch): Batch | null {
  return batch.finishes_at === null ? null : batch;
}
