/** A file becomes exactly as many jobs as it has rows, wherever the API and the workers are killed while it is taken in. */
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { openStage } from './rig/open-stage.ts';
import { createSnares } from './rig/snares.ts';
import { engineNames, promptMarker, type Stage } from './rig/stage.ts';

const rows = 6_000;
const file = `custom_id,prompt\n${Array.from({ length: rows }, (_, index) => `id-${index},${promptMarker} boat ${index}\n`).join('')}`;

/** Of the statement that writes the rows of a file; its beginning is far before the end of what goes through the wire. */
const insertRows = '"row_number":';
const insertBatch = 'insert into kiln.batches';

describe.each(engineNames)('on %s', (engine) => {
  test('killed anywhere, a batch is made once and each of its rows is one job', async () => {
    // Hardly a call is made: one a minute.
    const stage = await openStage({ engine, rpm: 1, minuteMs: 60_000, leaseMs: 1_000 });
    const snares = createSnares(stage.links.database);
    const send = (key: string) =>
      stage.request('/v1/batches', {
        method: 'POST',
        body: file,
        headers: { 'content-type': 'text/csv', 'idempotency-key': key },
      });

    for (const hold of ['before', 'after'] as const) {
      const caught = snares.set({ hold, texts: [insertBatch] });
      const cut = send('one').then(
        () => 'answered',
        () => 'cut',
      );
      await waitFor(() => caught.isCaught(), { what: `the API to be caught ${hold} it writes the batch` });
      const restarted = stage.restartApi();
      expect(await cut).toBe('cut');
      snares.cut();
      await restarted;
    }
    const { id } = (await (await send('one')).json()) as { id: string };
    expect(await stage.query('select from kiln.batches')).toHaveLength(1);

    // Every statement that writes rows is struck once, before or after it is committed, in turn.
    for (let strike = 0; strike < 8 && !(await isIngested(stage, id)); strike += 1) {
      const caught = snares.set({ hold: strike % 2 === 0 ? 'before' : 'after', texts: [insertRows] });
      const worker = await stage.startWorker(`machine-${strike}`);
      await waitFor(async () => caught.isCaught() || (await isIngested(stage, id)), {
        what: 'a worker to be writing rows',
        timeoutMs: 30_000,
      });
      await stage.kill(worker);
      snares.cut();
    }
    await stage.startWorker('last');
    await waitFor(() => isIngested(stage, id), { what: 'all rows to be written', timeoutMs: 30_000 });
    const [counted] = await stage.query(
      'select count(*)::int as jobs, count(distinct row_number)::int as rows, count(distinct custom_id)::int as ids from kiln.jobs',
    );
    expect(counted).toEqual({ jobs: rows, rows, ids: rows });
    const batch = (await (await stage.request(`/v1/batches/${id}`)).json()) as Record<string, unknown>;
    expect(batch).toMatchObject({ status: 'in_progress', request_counts: { total: rows } });
  });
});

async function isIngested(stage: Stage, id: string): Promise<boolean> {
  const found = await stage.query('select from kiln.batches where id = $1 and ingested_row = last_row', [id]);
  return found.length > 0;
}
