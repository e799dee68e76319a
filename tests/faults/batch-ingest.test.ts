/** Each row of a file becomes exactly one job, wherever the API and the workers are killed. */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { createRandom } from '../../scripts/test-faults/plan.ts';
import { createWireHolds } from './rig/wire-holds.ts';
import { promptMarker, type FaultEnvironment } from './rig/environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

const rows = 50_000;
const kills = 20;
const seed = 7;
/**
 * The prompts of a statement go over the wire in one or two pieces, so skipping at most two kills a
 * worker in its first or second statement.
 */
const mostSkipped = 2;
const random = createRandom(seed);
const lines = Array.from({ length: rows }, (_, at) => `id-${at},${promptMarker} boat ${at}\n`);
const file = `custom_id,prompt\n${lines.join('')}`;

/** A text among the values of the statement that writes rows, in the middle of what is sent. */
const insertRows = '"prompt":';
const insertBatch = 'insert into kiln.batches';

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('killed anywhere, a batch is made once and each of its rows is one job', async () => {
    // The quota allows one call a minute, so hardly any is made. The lease is short, because after
    // each kill the next worker waits for the batch's lease to lapse.
    const environment = await openEnvironment({ engine, rpm: 1, minuteMs: 60_000, leaseMs: 1_000 });
    const holds = createWireHolds(environment.links.database);
    const send = (key: string) =>
      environment.request('/v1/batches', {
        method: 'POST',
        body: file,
        headers: { 'content-type': 'text/csv', 'idempotency-key': key },
      });

    for (const hold of ['before', 'after'] as const) {
      const caught = holds.set({ hold, texts: [insertBatch] });
      const cut = send('one').then(
        () => 'answered',
        () => 'cut',
      );
      await waitFor(() => caught.isHolding(), {
        what: `the API to be caught ${hold} it writes the batch`,
      });
      const restarted = environment.restartApi();
      expect(await cut).toBe('cut');
      holds.cut();
      await restarted;
    }
    const { id } = (await (await send('one')).json()) as { id: string };
    expect(await environment.query('select from kiln.batches')).toHaveLength(1);

    // Kill the worker, and at times the API, in the middle of a statement: before its end has
    // arrived, or after its commit and before its answer.
    for (let kill = 0; kill < kills; kill += 1) {
      const hold = random() < 0.5 ? 'before' : 'after';
      const caught = holds.set({
        hold,
        texts: [insertRows],
        skip: Math.floor(random() * mostSkipped),
      });
      const worker = await environment.startWorker(`machine-${kill}`);
      await waitFor(caught.isHolding, {
        what: `kill ${kill + 1} to find rows being written`,
      });
      await environment.kill(worker);
      holds.cut();
      if (random() < 0.25) await environment.restartApi();
    }
    await environment.startWorker('last');
    await waitFor(() => isIngested(environment, id), { what: 'all rows to be written' });
    const [counted] = await environment.query(
      'select count(*)::int as jobs, count(distinct row_number)::int as rows, count(distinct ' +
        'custom_id)::int as ids from kiln.jobs',
    );
    expect(counted).toEqual({ jobs: rows, rows, ids: rows });
    const batch = (await (await environment.request(`/v1/batches/${id}`)).json()) as Record<
      string,
      unknown
    >;
    expect(batch).toMatchObject({ status: 'in_progress', request_counts: { total: rows } });
  });
});

async function isIngested(environment: FaultEnvironment, id: string): Promise<boolean> {
  const found = await environment.query(
    'select from kiln.batches where id = $1 and ingested_row = last_row',
    [id],
  );
  return found.length > 0;
}
